/** Photos that go with what is written: chosen here, sent before it. */
import { html } from '../vendor/preact.js'
import { sendPhoto } from '../command/requests.js'
import { photoAddress } from '../shared/api.js'
import { t } from '../shared/i18n.js'

/** @param {{ files: File[], onFiles: (files: File[]) => void }} props */
export function PhotoField({ files, onFiles }) {
  return html`<label>${t('Photos')}<input type="file" accept="image/jpeg,image/png,image/heic,image/webp" multiple onChange=${(event) => onFiles([...event.target.files])} />
    ${files.length > 0 && html`<span class="explained">${t('%(n)s photos chosen', { n: files.length })}</span>`}</label>`
}

/** @param {File[]} files @returns {Promise<string[]>} their names */
export async function sendPhotos(files) {
  const names = []
  for (const file of files) names.push(await sendPhoto(file))
  return names
}

export function PhotoRow({ photos }) {
  if (!photos.length) return null
  return html`<div class="photo-row">${photos.map((sha256) => html`<a key=${sha256} href=${photoAddress(sha256)} target="_blank" rel="noopener"><img src=${photoAddress(sha256, 'thumb')} alt=${t('Photo')} loading="lazy" /></a>`)}</div>`
}

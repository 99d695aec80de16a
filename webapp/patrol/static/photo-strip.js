/** Photos in a row: taken with the camera, shown small, taken away again. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { letGo, MOST_PHOTOS, takePhoto } from './photos.js'

/**
 * @param {{ title: string, photos: import('./photos.js').Photo[], most?: number,
 *           onChange: (photos: import('./photos.js').Photo[], takenAt: string|null) => void }} props
 *   `takenAt`: RFC 3339 by the phone's clock when photos were added, null when one was taken away
 */
export function PhotoStrip({ title, photos, most = MOST_PHOTOS, onChange }) {
  const [failure, setFailure] = useState(null)
  const add = async (event) => {
    const input = event.currentTarget
    const files = [...input.files].slice(0, most - photos.length)
    const takenAt = new Date().toISOString()
    setFailure(null)
    // The same photo may be chosen again after it was taken away.
    const taken = await Promise.all(files.map(takePhoto))
    input.value = ''
    const good = taken.filter(Boolean)
    if (good.length < taken.length) setFailure(t('This file is no photo that can be read. Take another one.'))
    if (good.length) onChange([...photos, ...good], takenAt)
  }
  const remove = (photo) => {
    letGo(photo)
    onChange(photos.filter((other) => other !== photo), null)
  }
  // What calls itself a photo and cannot be shown here would only be refused by the server, hours later.
  const refuse = (photo) => {
    remove(photo)
    setFailure(t('This file is no photo that can be read. Take another one.'))
  }
  return html`<section class="part" aria-label=${title}>
    <h2 class="part-title">${title} <span>${photos.length ? t('%(n)s taken', { n: photos.length }) : ''}</span></h2>
    <ul class="photos">
      ${photos.map(
        (photo, i) => html`<li key=${photo.url}>
          <img src=${photo.url} onError=${() => refuse(photo)} alt=${t('%(what)s %(n)s', { what: title, n: i + 1 })} />
          <button class="remove" aria-label=${t('Remove photo %(n)s', { n: i + 1 })} onClick=${() => remove(photo)}><${Icon} name="close" size=${18} /></button>
        </li>`,
      )}
      ${photos.length < most &&
      html`<li class="shot">
        <label><${Icon} name="photo" size=${28} /><span>${photos.length ? t('One more') : t('Take a photo')}</span><input class="sr-only" type="file" accept="image/*" capture="environment" multiple onChange=${add} /></label>
      </li>`}
    </ul>
    <p class="failure" role="alert">${failure}</p>
  </section>`
}

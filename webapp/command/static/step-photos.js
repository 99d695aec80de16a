/** Photos that a step needs, from a file of this desk: what a department sent by mail, say. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import * as requests from './requests.js'
import { photoWord } from '../shared/words.js'

/** @param {{ role: string, photo: object|undefined, onPhoto: (photo: object|null) => void }} props */
export function PhotoField({ role, photo, onPhoto }) {
  const [failure, setFailure] = useState('')
  const take = async (event) => {
    const [file] = event.currentTarget.files
    setFailure('')
    onPhoto(null)
    if (!file) return
    try {
      onPhoto({ sha256: await requests.sendPhoto(file), role })
    } catch (problem) {
      if (problem.status === undefined) throw problem
      setFailure(problem.message)
    }
  }
  return html`<label>
    <span>${photoWord(role)}${photo ? ` · ${t('received')}` : ''}</span>
    <input type="file" accept="image/*" onChange=${take} />
    ${failure && html`<em class="step-failure" role="alert">${failure}</em>`}
  </label>`
}

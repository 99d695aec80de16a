/** Something that is shown once: large, to be copied, with what to do with it. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'

/** @param {{ title: string, secret: string, sentence: string, onLeave: () => void }} props */
export function Once({ title, secret, sentence, onLeave }) {
  const box = useRef()
  const [copied, take] = useState(false)
  useEffect(() => box.current.scrollIntoView({ block: 'nearest' }), [])
  const copy = async () => {
    // Over plain http in a LAN browsers give pages no clipboard: then it is selected, to be copied by hand.
    getSelection().selectAllChildren(box.current.querySelector('output'))
    await navigator.clipboard?.writeText(secret)
    take(Boolean(navigator.clipboard))
  }
  return html`<section class="once" ref=${box} role="status">
    <h3>${title}</h3>
    <output class="code">${secret}</output>
    <p class="explained">${sentence}</p>
    <div class="buttons">
      <button class="button primary" onClick=${copy}><${Icon} name="copy" size=${16} />${copied ? t('Copied') : t('Copy')}</button>
      <button class="button" onClick=${onLeave}>${t('I have kept it')}</button>
    </div>
    <p class="explained">${t('It is shown here once and can be shown by nobody again.')}</p>
  </section>`
}

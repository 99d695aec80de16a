/** Before what cannot be undone: what will happen, the verb on the button, and where it is asked for, why. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { DeedFoot } from './deed.js'

const SHORTEST_REASON = 4

/**
 * @param {{ sentence: string, warning?: string|false, verb: string, asksWhy?: string, deed: object,
 *           onYes: (reason: string) => void, onLeave: () => void }} props  `warning`: what is lost beside; `asksWhy`: the label of the reason
 */
export function Confirm({ sentence, warning, verb, asksWhy, deed, onYes, onLeave }) {
  const [reason, setReason] = useState('')
  const waits = asksWhy && reason.trim().length < SHORTEST_REASON
  return html`<section class="sheet-form" role="alertdialog" aria-label=${verb}>
    <p>${sentence}</p>
    ${warning && html`<p class="warned">${warning}</p>`}
    ${asksWhy && html`<label>${asksWhy}<input value=${reason} maxlength="400" onInput=${(event) => setReason(event.target.value)} autofocus /></label>`}
    ${!deed.waiting &&
    html`<div class="buttons">
      <button class="button primary" disabled=${waits || deed.busy} onClick=${() => onYes(reason.trim())}>${verb}</button>
      <button class="button" onClick=${onLeave}>${t('Leave it')}</button>
    </div>`}
    <${DeedFoot} deed=${deed} />
  </section>`
}

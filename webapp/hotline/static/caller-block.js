/** Who called: masked, and shown for a written purpose to whoever may see it. */
import { html, useState } from '../vendor/preact.js'
import { DeedFoot, useDeed } from '../admin/deed.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { callerText } from './hotline-words.js'

const SHORTEST = 4

/**
 * @param {{ order: string, caller: { name: string|null, phone: string|null, address: string|null },
 *           sealed?: boolean }} props
 */
export function CallerBlock({ order, caller, sealed = false }) {
  const [purpose, say] = useState(null)
  const [seen, show] = useState(null)
  const deed = useDeed()
  const submit = (event) => {
    event.preventDefault()
    deed.run(async () => show(await api.post(`/hotline-orders/${order}/reveal`, { purpose })))
  }
  const known = !sealed && (caller.name || caller.phone || caller.address)
  return html`<section class="card-part">
    <h3>${t('Caller')}</h3>
    <p class="caller">${callerText(seen ?? caller)}</p>
    ${sealed && html`<p class="explained">${t('Sealed: the matter is over.')}</p>`}
    ${known && !seen && purpose === null && html`<div class="buttons"><button class="button" onClick=${() => say('')}>${t('Show name and number')}</button></div>`}
    ${known && !seen && purpose !== null && html`<form class="sheet-form" onSubmit=${submit}>
      <label>${t('What for')}<input value=${purpose} maxlength="400" required autofocus onInput=${(event) => say(event.target.value)} /><span class="explained">${t('It is kept in the audit, with your name.')}</span></label>
      <div class="buttons"><button class="button primary" disabled=${deed.busy || purpose.trim().length < SHORTEST}>${t('Show')}</button><button type="button" class="button" onClick=${() => say(null)}>${t('Leave it')}</button></div>
      <${DeedFoot} deed=${deed} />
    </form>`}
  </section>`
}

/** Which departments had a hazard, one after the other, and the form that hands it to the next. */
import { html, useState } from '../vendor/preact.js'
import { DeedFoot, useCreation, useDeed } from '../admin/deed.js'
import { shortMoment } from '../admin/register-words.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { nameOf } from '../shared/words.js'

/** @param {{ hazard: object, zone: string, onChanged: () => void, onClose: () => void }} props */
export function HandoverList({ hazard, zone, onChanged, onClose }) {
  const [asks, ask] = useState(false)
  const { handovers, offices, can } = hazard
  const hands = can.hand && offices.length > 0
  if (!handovers.length && !hands) return null
  return html`<section class="card-part">
    ${handovers.length > 0 && html`<h3>${t('Handed over')}</h3>
      <ol class="look-backs">${handovers.map((one) => html`<li key=${one.at}>
        <span>${shortMoment(one.at, zone)}</span><b>${[one.from && nameOf(one.from), nameOf(one.to)].filter(Boolean).join(' → ')}</b>
        <span class="meta">${one.reason}${one.by && ` · ${nameOf(one.by)}`}</span>
      </li>`)}</ol>`}
    ${hands && (asks
      ? html`<${Handover} hazard=${hazard} onChanged=${onChanged} onClose=${onClose} onLeave=${() => ask(false)} />`
      : html`<div class="buttons"><button class="button" onClick=${() => ask(true)}>${hazard.department ? t('Hand to another department') : t('Give to a department')}</button></div>`)}
  </section>`
}

function Handover({ hazard, onChanged, onClose, onLeave }) {
  const [said, say] = useState({ department: '', reason: '' })
  const deed = useDeed()
  const create = useCreation()
  const submit = (event) => {
    event.preventDefault()
    deed.run(async () => {
      const { seen } = await create((id) => api.post(`/hazards/${hazard.id}/handovers`, { id, department: said.department, reason: said.reason.trim() }))
      // Who gives it away may not read it any more.
      if (!seen) onClose()
      onChanged()
    })
  }
  return html`<form class="sheet-form" onSubmit=${submit}>
    <label>${t('Department')}<select value=${said.department} onChange=${(event) => say({ ...said, department: event.target.value })} required autofocus>
      <option value=""></option>
      ${hazard.offices.map((one) => html`<option key=${one.code} value=${one.code}>${nameOf(one)}</option>`)}
    </select></label>
    <label>${t('Why')}<textarea rows="2" maxlength="2000" value=${said.reason} onInput=${(event) => say({ ...said, reason: event.target.value })} required></textarea></label>
    <p class="explained">${t('Both departments are told.')}</p>
    <div class="buttons"><button class="button primary" disabled=${deed.busy || !said.department || !said.reason.trim()}>${t('Hand over')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

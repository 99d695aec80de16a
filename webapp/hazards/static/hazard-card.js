/** One hazard: what it is, the notices, how it was closed, and who looked again. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { DeedFoot, useDeed } from '../admin/deed.js'
import { shortMoment } from '../admin/register-words.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon, Severity } from '../shared/icons.js'
import { nameOf, severityWord } from '../shared/words.js'
import { HandoverList } from './handover-list.js'
import { hazardState, placeLine } from './hazard-words.js'
import { LookBackList } from './look-back-list.js'
import { NoticeList } from './notice-list.js'
import { PhotoRow } from './photo-field.js'

/**
 * @param {{ id: string, heard: number, zone: string, onChanged: (id?: string) => void, onOpen: (id: string) => void, onClose: () => void }} props
 *   `heard`: how often others did something; what is being written stays as it is
 */
export function HazardCard({ id, heard, zone, onChanged, onOpen, onClose }) {
  const [one, take] = useState(null)
  const deed = useDeed()
  useEffect(() => {
    deed.run(async () => take(await api.get(`/hazards/${encodeURIComponent(id)}`)))
  }, [id, heard])
  if (!one) return html`<${DeedFoot} deed=${deed} />`
  return html`<header class="card-head">
      <div><p class="meta code">${one.number}</p><h2 class="hazard-name"><${Severity} severity=${one.severity} size=${24} />${one.what}</h2><p class="meta">${placeLine(one)}</p></div>
      <button class="tool" aria-label=${t('Close the card')} onClick=${onClose}><${Icon} name="close" /></button>
    </header>
    <section class="card-part">
      <dl class="facts">
        <div><dt>${t('State')}</dt><dd>${hazardState(one.state)}</dd></div>
        <div><dt>${t('Severity')}</dt><dd>${severityWord(one.severity)}</dd></div>
        <div><dt>${t('Who has to put it right')}</dt><dd>${one.party || t('nobody named yet')}</dd></div>
        ${one.department && html`<div><dt>${t('Department')}</dt><dd>${nameOf(one.department)}</dd></div>`}
        <div><dt>${t('Found at')}</dt><dd>${shortMoment(one.found_at, zone)}${one.found_by && ` · ${nameOf(one.found_by)}`}</dd></div>
        ${one.closed_at && html`<div><dt>${t('Closed')}</dt><dd>${shortMoment(one.closed_at, zone)} · ${one.closing_note}</dd></div>`}
      </dl>
      <${Links} one=${one} onOpen=${onOpen} />
      <${PhotoRow} photos=${one.photos} />
    </section>
    <${NoticeList} hazard=${one} zone=${zone} onChanged=${onChanged} />
    <${HandoverList} hazard=${one} zone=${zone} onChanged=${onChanged} onClose=${onClose} />
    ${one.can.close && html`<${Closing} hazard=${one} onChanged=${onChanged} />`}
    <${LookBackList} hazard=${one} zone=${zone} onChanged=${onChanged} />
    <${DeedFoot} deed=${deed} />`
}

/** Where it came from and what came of it: both ways. */
function Links({ one, onOpen }) {
  return html`${one.incident && html`<a class="link" href=${`/?incident=${encodeURIComponent(one.incident.id)}`}>${t('Found with incident %(number)s', one.incident)}</a>`}
    ${one.origin && html`<button class="link" onClick=${() => onOpen(one.origin.id)}>${t('Came again after %(number)s', one.origin)}</button>`}
    ${one.recurrences.map((again) => html`<button key=${again.id} class="link" onClick=${() => onOpen(again.id)}>${t('Came again as %(number)s', again)}</button>`)}`
}

function Closing({ hazard, onChanged }) {
  const [note, setNote] = useState('')
  const [asks, ask] = useState(false)
  const deed = useDeed()
  const submit = (event) => {
    event.preventDefault()
    deed.run(async () => {
      await api.post(`/hazards/${hazard.id}/close`, { note: note.trim() })
      onChanged()
    })
  }
  if (!asks) return html`<section class="card-part"><div class="buttons"><button class="button" onClick=${() => ask(true)}>${t('Close the hazard')}</button></div></section>`
  return html`<section class="card-part"><form class="sheet-form" onSubmit=${submit}>
    <label>${t('What was seen at the place')}<textarea rows="2" maxlength="2000" value=${note} onInput=${(event) => setNote(event.target.value)} required autofocus></textarea></label>
    <p class="explained">${t('It is looked at again on the days that the rules of its class say.')}</p>
    <div class="buttons"><button class="button primary" disabled=${deed.busy || !note.trim()}>${t('Close the hazard')}</button><button type="button" class="button" onClick=${() => ask(false)}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form></section>`
}

/** Hazards that were closed and are to be looked at again: held, or come again. */
import { html, useRef, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Severity } from '../shared/icons.js'
import { day } from '../shared/time.js'
import { nameOf } from '../shared/words.js'
import { usePage, useWorld, zoneOf } from './world.js'

export function LookBacksDue() {
  const rows = useWorld((state) => state.patrol?.today.look_backs)
  if (!rows?.length) return null
  return html`<section class="look-backs" aria-label=${t('Look-backs due')}>
    <div class="list-head"><h2>${t('Look-backs due')}</h2><span>${t('%(n)s items', { n: rows.length })}</span></div>
    <ul class="rows">${rows.map((row) => html`<${Row} key=${row.id} row=${row} />`)}</ul>
  </section>`
}

function Row({ row }) {
  const zone = useWorld(zoneOf)
  const [open, setOpen] = useState(false)
  const { hazard } = row
  return html`<li class="look-back">
    <button class="look-back-head" aria-expanded=${open ? 'true' : 'false'} onClick=${() => setOpen(!open)}>
      <${Severity} severity=${hazard.severity} />
      <span><b>${hazard.what}</b><small>${[hazard.site, hazard.grid].filter(Boolean).map(nameOf).join(' · ')} · ${hazard.number}</small></span>
      <em class=${row.overdue ? 'late' : ''}>${t('by %(day)s', { day: day(Date.parse(row.due_at), zone) })}</em>
    </button>
    ${open && html`<${Seen} row=${row} />`}
  </li>`
}

/** It needs the network: what is a new hazard gets its number there. */
function Seen({ row }) {
  const { actions } = usePage()
  const online = useWorld((state) => state.online)
  const [note, setNote] = useState('')
  const [state, take] = useState({ busy: false, sentence: null })
  const ids = useRef({ held: crypto.randomUUID(), recurred: crypto.randomUUID(), hazard: crypto.randomUUID() })
  const send = async (outcome) => {
    take({ busy: true, sentence: null })
    try {
      const seen = { id: ids.current[outcome], outcome, note: note.trim() }
      await api.post(`/look-backs/${row.id}/done`, outcome === 'recurred' ? { ...seen, hazard: ids.current.hazard } : seen)
      await actions.refresh()
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      take({ busy: false, sentence: problem.message })
    }
  }
  const waits = state.busy || !online || !note.trim()
  return html`<div class="look-back-form">
    <label>${t('What was seen at the place')}<textarea autocomplete="off" rows="2" maxlength="2000" value=${note} onInput=${(event) => setNote(event.target.value)}></textarea></label>
    ${!online && html`<p class="why">${t('This needs the network.')}</p>`}
    <div class="buttons">
      <button class="button" disabled=${waits} onClick=${() => send('held')}>${t('It held')}</button>
      <button class="button" disabled=${waits} onClick=${() => send('recurred')}>${t('It came again')}</button>
    </div>
    ${state.sentence && html`<p class="why" role="alert">${state.sentence}</p>`}
  </div>`
}

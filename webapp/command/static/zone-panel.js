/** Safe zones on the map: those that hold, and one that is drawn by its corners or around an incident. */
import { html, useRef, useState } from '../vendor/preact.js'
import { Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { zonesNow, zoneTag } from '../shared/safe-zones.js'
import { drawSafeZone, liftSafeZone } from './requests.js'
import { useChosen, usePage } from './use-store.js'

const HOUR_MS = 3_600_000
const HOURS = [1, 2, 4, 8, 24]

export function ZonePanel() {
  const { store } = usePage()
  const open = useChosen((state) => state.zonesOpen && state.asOf === null)
  const draft = useChosen((state) => state.zoneDraft)
  if (!open) return null
  return html`<section class="floating zone-panel" aria-label=${t('Safe zones')}>
    <header><h2>${t('Safe zones')}</h2><button class="button small" onClick=${() => store.dispatch({ type: 'zonesOpen', open: false })}>${t('Close')}</button></header>
    ${draft ? html`<${Draw} draft=${draft} />` : html`<${Standing} />`}
  </section>`
}

function Standing() {
  const { store, actions, zone: timeZone } = usePage()
  const zones = useChosen((state) => state.zones)
  const now = useChosen((state) => Math.floor(state.clock / 60_000) * 60_000)
  const draws = useChosen((state) => state.me.can.includes('safe-zone.draw'))
  const [deed, run] = useDeed()
  const lift = (id) => run(async () => {
    await liftSafeZone(id)
    actions.refreshZones()
  })
  const holding = zonesNow(zones, now)
  return html`${holding.length === 0 && html`<p class="why">${t('No safe zone holds now.')}</p>`}
    <ul>${holding.map((one) => html`<li key=${one.id}>
      <span><b>${zoneTag(one, timeZone)}</b>${one.incident && html`<button class="link" onClick=${() => store.dispatch({ type: 'select', selection: { kind: 'incident', id: one.incident.id } })}>${one.incident.number}</button>`}</span>
      ${draws && html`<button class="button small" disabled=${deed.busy} onClick=${() => lift(one.id)}>${t('Lift')}</button>`}
    </li>`)}</ul>
    ${draws && html`<button class="button" onClick=${() => store.dispatch({ type: 'zoneDraft', draft: { ring: [] } })}>${t('Draw a safe zone')}</button>`}
    ${deed.sentence && html`<p class="failure" role="alert">${deed.sentence}</p>`}`
}

/** @param {{ draft: { ring?: [number, number][], incident?: { id: string, number: string } } }} props */
function Draw({ draft }) {
  const { store, actions } = usePage()
  const [said, say] = useState({ name: draft.name ?? '', hours: '2', radius: '100' })
  const id = useRef(crypto.randomUUID())
  const [deed, run] = useDeed()
  const leave = () => store.dispatch({ type: 'zoneDraft', draft: null })
  const { ring } = draft
  const submit = (event) => {
    event.preventDefault()
    const until = new Date(store.state.clock + Number(said.hours) * HOUR_MS).toISOString()
    const shape = ring ? { ring } : { radius_m: Number(said.radius), incident: draft.incident.id }
    run(async () => {
      await drawSafeZone({ id: id.current, name: said.name.trim(), until, ...shape })
      leave()
      actions.refreshZones()
    }, () => { id.current = crypto.randomUUID() })
  }
  const field = (name) => ({ value: said[name], onInput: (event) => say({ ...said, [name]: event.target.value }) })
  return html`<form onSubmit=${submit}>
    <label>${t('What is dangerous')}<input ...${field('name')} maxlength="80" required autofocus /></label>
    <label>${t('Holds for')}<select ...${field('hours')}>${HOURS.map((n) => html`<option key=${n} value=${String(n)}>${n === 1 ? t('1 hour') : t('%(n)s hours', { n })}</option>`)}</select></label>
    ${ring
      ? html`<p class="why" role="status">${t('Click its corners on the map: %(n)s so far, at least three.', { n: ring.length })}</p>
          ${ring.length > 0 && html`<button type="button" class="button small" onClick=${() => store.dispatch({ type: 'zoneDraft', draft: { ...draft, ring: ring.slice(0, -1) } })}>${t('Take back the last corner')}</button>`}`
      : html`<label>${t('Metres around incident %(number)s', draft.incident)}<input type="number" min="5" max="5000" step="5" required ...${field('radius')} /></label>
          <p class="why">${t('It ends with the incident, if that is over before.')}</p>`}
    <div class="buttons"><button class="button primary" disabled=${deed.busy || (ring && ring.length < 3)}>${t('Draw it')}</button><button type="button" class="button" onClick=${leave}>${t('Leave it')}</button></div>
    ${deed.sentence && html`<p class="failure" role="alert">${deed.sentence}</p>`}
  </form>`
}

/** Busy, or refused with a sentence; `onRefusal`: what is mended after a refusal is another thing. */
function useDeed() {
  const [state, take] = useState({ busy: false, sentence: null })
  const run = async (deed, onRefusal = () => {}) => {
    take({ busy: true, sentence: null })
    try {
      await deed()
      take({ busy: false, sentence: null })
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      if (problem.status) onRefusal()
      take({ busy: false, sentence: problem.message })
    }
  }
  return [state, run]
}

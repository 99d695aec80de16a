/** The card of a grid: who answers here, what is open, what stands here, and how it came to be. */
import { html, useMemo } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { ClockChip } from './clock.js'
import { sameHourOn } from './day-window.js'
import { GridHistory } from './grid-history.js'
import { PackButton } from './pack-button.js'
import { Icon, Severity } from '../shared/icons.js'
import { StateChip } from './incident-row.js'
import { isOverdue } from './open-incidents.js'
import { Surname } from './queue-lists.js'
import { Section } from './section.js'
import { date, dayOf } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { areaText, classText, figure, kindWord, nameOf, positionOf, siteWord, spacedCode } from '../shared/words.js'

export function GridCard({ item }) {
  return html`<div class="card-scroll">
    <${Head} grid=${item} />
    <${Figures} grid=${item} />
    <${People} people=${item.people} owner=${item.owner} />
    <${WhoWasHere} />
    <${OpenIncidents} grid=${item} />
    <${Sites} sites=${item.sites} devices=${item.devices} />
    <${GridHistory} code=${item.code} />
  </div>`
}

function Head({ grid }) {
  const { actions, zone } = usePage()
  const since = date(Date.parse(grid.since), zone)
  return html`<header class="card-head">
    <div class="card-line">
      <code>${spacedCode(grid.code)}</code>
      <span>${t('Version %(n)s, since %(day)s', { n: grid.version_n, day: since })}</span>
    </div>
    <div class="card-title">
      <h2>${nameOf(grid)}</h2>
      <span class="state">${kindWord(grid.kind)}</span>
    </div>
    <div class="card-under">
      <p>${nameOf(grid.community)} · ${nameOf(grid.township)}</p>
      <${PackButton} code=${grid.code} />
      <button class="button small" onClick=${actions.zoom}>${t('Zoom')}<kbd>Z</kbd></button>
    </div>
  </header>`
}

/** The rows of this grid in the live list, so that its card moves with the queue. */
function useOpenHere(grid) {
  const rows = useChosen((state) => state.rows)
  const complete = useChosen((state) => state.complete)
  return useMemo(() => (complete ? rows.filter((row) => row.grid?.id === grid.id) : grid.incidents), [rows, complete, grid])
}

function Figures({ grid }) {
  const here = useOpenHere(grid)
  const complete = useChosen((state) => state.complete)
  const now = useChosen((state) => Math.floor(state.now / 15_000) * 15_000)
  const overdue = complete ? here.filter((row) => isOverdue(row, now)).length : grid.overdue
  const figures = [
    [grid.households === null ? '–' : figure(grid.households), t('households')],
    [figure(complete ? here.length : grid.open), t('open')],
    [figure(overdue), t('overdue')],
    [areaText(grid.area_m2), t('area')],
  ]
  return html`<dl class="figures">
    ${figures.map(([n, word]) => html`<div key=${word}><dt>${word}</dt><dd>${n}</dd></div>`)}
  </dl>`
}

function People({ people, owner }) {
  const past = useChosen((state) => state.asOf !== null)
  return html`<${Section} title=${t('People')} beside=${people.length || undefined}>
    ${owner && html`<p class="fact">${t('Owner: %(name)s', { name: nameOf(owner) })}</p>`}
    ${people.length
      ? html`<ul class="people">${people.map((person, i) => html`<${PersonRow} key=${i} person=${person} />`)}</ul>`
      : html`<p class="why">${past ? t('Nobody was assigned to this grid then.') : t('Nobody is assigned to this grid. An administrator names its chief.')}</p>`}
  <//>`
}

/** The whole page as it was at this hour of another day: with it the people who answered here then. */
function WhoWasHere() {
  const { actions, zone } = usePage()
  const asOf = useChosen((state) => state.asOf)
  const today = useChosen((state) => dayOf(state.clock, zone))
  const at = useChosen((state) => state.asOf ?? state.clock)
  const choose = (event) => {
    const iso = event.currentTarget.value
    if (iso) actions.lookAt(iso >= today ? null : sameHourOn(iso, at, zone))
  }
  return html`<label class="who-was-here">
    <span>${t('Who was here on')}</span>
    <input type="date" max=${today} value=${asOf === null ? today : dayOf(asOf, zone)} onChange=${choose} />
  </label>`
}

function PersonRow({ person }) {
  return html`<li>
    <${Surname} person=${person} />
    <span class="row-main">
      <b>${nameOf(person)}</b>
      <span class="row-second">${positionOf(person)}</span>
    </span>
    <span class="person-end">
      <span>${person.phone ?? ''}</span>
    </span>
  </li>`
}

function OpenIncidents({ grid }) {
  const { store } = usePage()
  const here = useOpenHere(grid)
  const open = (id) => store.dispatch({ type: 'select', selection: { kind: 'incident', id } })
  return html`<${Section} title=${t('Open incidents')} beside=${here.length}>
    ${here.length
      ? html`<ul class="small-rows">
          ${here.slice(0, 20).map(
            (incident) => html`<li key=${incident.id}>
              <button onClick=${() => open(incident.id)}>
                <${Severity} severity=${incident.severity} size=${18} />
                <b>${classText(incident)}</b><${StateChip} state=${incident.state} />
                <${ClockChip} incident=${incident} bare />
              </button>
            </li>`,
          )}
        </ul>`
      : html`<p class="why">${t('Nothing is open here.')}</p>`}
  <//>`
}

function Sites({ sites, devices }) {
  const kinds = Object.entries(sites).filter(([, n]) => n)
  if (!kinds.length && !devices) return null
  return html`<${Section} title=${t('Sites and devices')}>
    <ul class="counts">
      ${kinds.map(([kind, n]) => html`<li key=${kind}><${Icon} name="site" size=${16} />${siteWord(kind)}<b>${figure(n)}</b></li>`)}
      <li><${Icon} name="camera" size=${16} />${t('Devices')}<b>${figure(devices)}</b></li>
    </ul>
  <//>`
}

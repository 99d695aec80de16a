/** The card of an incident: what, where, until when, what next, who told of it, and what was done. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { asItWas } from './as-it-was.js'
import { DueClock } from './clock.js'
import { Icon, Severity, sourceIcon } from '../shared/icons.js'
import { Asked } from './incident-asks.js'
import { IncidentClocks } from './incident-clocks.js'
import { Danger } from './incident-danger.js'
import { IncidentLog } from './incident-log.js'
import { Photos } from './incident-photos.js'
import { InWhoseHands, MayBeTheSame, Related } from './incident-relations.js'
import { StateChip } from './incident-row.js'
import { Sources } from './incident-sources.js'
import { isWaiting } from './queue-rows.js'
import { Section } from './section.js'
import { NextSteps } from './steps.js'
import { moment } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { classText, figure, isEnded, isUnsure, methodWord, nameOf, severityWord, sourceWord, whereText } from '../shared/words.js'

export function IncidentCard({ item: known }) {
  const asOf = useChosen((state) => state.asOf)
  const item = asItWas(known, asOf)
  return html`<div class="card-scroll">
    <${Head} item=${item} />
    <${Clocks} item=${item} past=${asOf !== null} />
    ${asOf === null && html`<${Asked} item=${item} />`}
    ${asOf === null ? html`<${NextSteps} key=${item.id} incident=${item} />` : html`<${Since} later=${item.later} />`}
    <${MayBeTheSame} item=${item} />
    ${item.place && html`<${PlaceSection} item=${item} />`}
    ${item.holder && asOf === null && html`<${InWhoseHands} item=${item} />`}
    <${Related} item=${item} />
    ${asOf === null && html`<${Danger} key=${`danger-${item.id}`} item=${item} />`}
    <${Photos} key=${`photos-${item.id}`} photos=${item.photos} />
    <${Sources} sources=${item.sources} />
    ${item.log.length > 0 && html`<${IncidentLog} log=${item.log} intact=${item.log_intact} checklists=${item.checklists} />`}
  </div>`
}

/** While one looks back there are no steps; what is not told by the log is as it is known today. */
function Since({ later }) {
  return html`<section class="since">
    <p>${sinceText(later)}</p>
    <p class="why">${t('State, deadline and log are as they were. Class, severity and place are as known today.')}</p>
  </section>`
}

const sinceText = (later) => {
  if (!later) return t('Nothing was done with it since then.')
  return later === 1 ? t('One step was taken since then.') : t('%(n)s steps were taken since then.', { n: later })
}

/** Clocks are those of now; of a past moment the log knows the deadline alone. */
function Clocks({ item, past }) {
  if (!past && item.clocks.length) return html`<${IncidentClocks} item=${item} />`
  if (isEnded(item) || item.due_at === null) return null
  return html`<${DueClock} incident=${item} startedAt=${filedAt(item)} why=${item.due_why ? [item.due_why] : []} />`
}

/** When its clock began: the filing, or the event itself as long as nothing is filed. */
const filedAt = (item) => item.log.find((row) => row.to === 'filed')?.at ?? item.occurred_at

function Head({ item }) {
  const { actions, zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 60_000) * 60_000)
  const waits = useChosen((state) => state.me.waits)
  return html`<header class="card-head">
    <div class="card-line">
      <code>${item.number}</code>
      ${item.source && html`<span class="with-icon"><${Icon} name=${sourceIcon(item.source)} size=${15} />${sourceWord(item.source)}</span>`}
      <span>${moment(Date.parse(item.occurred_at), now, zone)}</span>
    </div>
    <div class="card-title">
      <${Severity} severity=${item.severity} size=${30} />
      <h2>${classText(item)}</h2>
      <${StateChip} state=${item.state} waiting=${isWaiting(item, waits)} />
    </div>
    <div class="card-under">
      <p>${[whereText(item), item.grid && item.township && nameOf(item.township), severityWord(item.severity)].filter(Boolean).join(' · ')}</p>
      ${item.place && item.place.lon !== null && html`<button class="button small" onClick=${actions.zoom}>${t('Zoom')}<kbd>Z</kbd></button>`}
    </div>
  </header>`
}

function PlaceSection({ item }) {
  const { place, grid } = item
  const error = place.error_m ? t('error ± %(n)s m (95%)', { n: figure(Math.round(place.error_m)) }) : undefined
  return html`<${Section} title=${t('Place · which grid')} beside=${error}>
    ${isUnsure(item)
      ? html`<${Candidates} candidates=${item.candidates} outside=${place.p_outside} />`
      : grid
        ? html`<${GridLink} grid=${grid} certainty=${place.certainty} probability=${place.probability} />`
        : html`<p class="fact">${whereText(item)}</p>`}
    <p class="why">${[place.reason && t(place.reason), place.method && methodWord(place.method)].filter(Boolean).join(' · ')}</p>
    ${place.lon !== null && html`<p class="coordinates"><code>${place.lon.toFixed(6)}, ${place.lat.toFixed(6)}</code></p>`}
  <//>`
}

function GridLink({ grid, certainty, probability }) {
  const { store } = usePage()
  const words = { sure: t('certain'), likely: t('likely'), review: t('to be looked at') }
  return html`<button class="grid-link" onClick=${() => store.dispatch({ type: 'select', selection: { kind: 'grid', id: grid.code } })}>
    <${Icon} name="grid" size=${18} /><b>${nameOf(grid)}</b><span>${[words[certainty], typeof probability === 'number' && percent(probability)].filter(Boolean).join(' · ')}</span>
  </button>`
}

/** Likeliest first, with a bar each; with what lies outside, and grids under 5 %, they are 100 %. */
function Candidates({ candidates, outside }) {
  const { store } = usePage()
  return html`<ol class="candidates">
    ${candidates.map(
      (candidate, i) => html`<li key=${candidate.id}>
        <button onClick=${() => store.dispatch({ type: 'select', selection: { kind: 'grid', id: candidate.code } })}>
          <b class="candidate-n">${i + 1}</b><span>${nameOf(candidate)}</span>
          <i aria-hidden="true"><b style=${{ width: percent(candidate.probability) }}></b></i>
          <em>${percent(candidate.probability)}</em>
        </button>
      </li>`,
    )}
    ${outside >= LEAST_TOLD && html`<li class="beyond"><span>${t('outside the district')}</span><em>${percent(outside)}</em></li>`}
  </ol>`
}

/** As on the server: less than this is not told. */
const LEAST_TOLD = 0.05

const percent = (share) => `${Math.round(share * 100)}%`

/** One thing to do: severity, class, how far away, what is left of its time. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Severity } from '../shared/icons.js'
import { classText, figure, nameOf, stepWord, whereText } from '../shared/words.js'
import { ClockChip } from './clock-chip.js'
import { metresBetween } from './ground.js'
import { usePage, useWorld } from './world.js'

/** The distance moves with every fix; it is told in steps, so that the row is not drawn anew all the time. */
const NEAR_STEP_M = 10
const FAR_STEP_M = 100
const FAR_M = 1000

export function TaskRow({ task }) {
  const { incident, waits, queued } = task
  const { actions } = usePage()
  const distance = useWorld((state) => distanceText(state.position.fix, incident.place))
  const own = useWorld((state) => state.ground?.own.length === 1)
  const facts = [!own && incident.grid ? nameOf(incident.grid) : !incident.grid && whereText(incident), distance]
  return html`<li>
    <button class="task" onClick=${() => actions.go({ name: 'incident', id: incident.id })}>
      <${Severity} severity=${incident.severity} size=${32} />
      <span class="row-main">
        <b>${classText(incident)}</b>
        <span class="row-second">
          ${facts.filter(Boolean).map((fact) => html`<span key=${fact}>${fact}</span>`)}
          ${queued ? html`<span class="mark">${t('waiting to be sent: %(step)s', { step: stepWord(queued) })}</span>` : waits && html`<span class="mark">${t('to accept')}</span>`}
          ${!queued && incident.state === 'handling' && html`<span>${t('in hand')}</span>`}
        </span>
      </span>
      <${ClockChip} incident=${incident} />
    </button>
  </li>`
}

/** 140 米 / 140 m, 1.2 公里 / 1.2 km; null as long as one of the two places is not known. */
export function distanceText(fix, place) {
  if (!fix || !place || place.lon === null) return null
  const m = metresBetween(fix, place)
  if (m >= FAR_M) return t('%(n)s km', { n: (Math.round(m / FAR_STEP_M) / (FAR_M / FAR_STEP_M)).toFixed(1) })
  return t('%(n)s m', { n: figure(Math.max(1, Math.round(m / NEAR_STEP_M)) * NEAR_STEP_M) })
}

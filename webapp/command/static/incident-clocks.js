/** All clocks of an incident: the one that decides in large, the others in a line each, with their reasons. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { DueClock } from './clock.js'
import { Section } from './section.js'
import { duration, hours, moment } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { isEnded } from '../shared/words.js'

const DAY_MS = 86_400_000

/** The clock that the deadline of the incident comes from; before it is filed, the one that ends first. */
export function decidingClock({ clocks, due_at: due, state }) {
  const running = clocks.filter((clock) => clock.stopped_at === null && (clock.due_at !== null || clock.paused))
  return (
    running.find((clock) => clock.due_at !== null && clock.due_at === due) ??
    (state === 'suspended' ? running.find(({ paused }) => paused) : null) ??
    [...running].sort((a, b) => (a.due_at ?? '~').localeCompare(b.due_at ?? '~'))[0] ??
    null
  )
}

export function IncidentClocks({ item }) {
  const main = decidingClock(item)
  const others = item.clocks.filter((clock) => clock !== main)
  return html`
    ${main && !isEnded(item) && html`<${DueClock} incident=${{ ...item, due_at: main.due_at }} title=${main.label} startedAt=${main.started_at} why=${main.why} provisional=${main.provisional} />`}
    ${others.length > 0 && html`<${Section} title=${t('Other clocks')} beside=${others.length}><ul class="clocks">${others.map((clock) => html`<${Line} key=${`${clock.stage} ${clock.started_at}`} clock=${clock} />`)}</ul><//>`}
  `
}

function Line({ clock }) {
  const { zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 60_000) * 60_000)
  return html`<li>
    <details>
      <summary><b>${clock.label}</b><span class=${isLate(clock, now) ? 'late' : ''}>${standingOf(clock, now, zone)}</span></summary>
      ${clock.why.map((sentence) => html`<p key=${sentence} class="why">${sentence}</p>`)}
      ${clock.provisional && html`<p class="why">${PROVISIONAL()}</p>`}
    </details>
  </li>`
}

export const PROVISIONAL = () => t('Provisional: the calendar of that year is not known yet.')

const isLate = ({ due_at: due, stopped_at: stopped }, now) => due !== null && Date.parse(due) < (stopped ? Date.parse(stopped) : now)

const span = (ms) => (ms < DAY_MS && ms >= 3_600_000 ? hours(ms) : duration(ms))

function standingOf({ due_at: due, stopped_at: stopped, paused }, now, zone) {
  if (paused) return t('paused')
  if (due === null) return ''
  const left = Date.parse(due) - (stopped ? Date.parse(stopped) : now)
  if (!stopped) return left >= 0 ? t('due %(time)s', { time: moment(Date.parse(due), now, zone) }) : t('%(time)s over', { time: span(-left) })
  return left >= 0 ? t('kept, %(time)s to spare', { time: span(left) }) : t('missed by %(time)s', { time: span(-left) })
}

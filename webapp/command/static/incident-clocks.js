/** All clocks of an incident: the one that decides in large, the others in a line each, with their reasons. */
import { html, useEffect } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { DueClock, isOfWork } from './clock.js'
import { Section } from './section.js'
import { clockStanding, duration, hours, moment } from '../shared/time.js'
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

/** Hours of work begin and end while a card lies open: how far their clocks are is asked anew now and then. */
const ASK_AGAIN_MS = 300_000

export function IncidentClocks({ item }) {
  const { actions } = usePage()
  const main = decidingClock(item)
  const works = item.clocks.some((clock) => clock.stopped_at === null && isOfWork(clock))
  useEffect(() => {
    if (!works) return undefined
    const timer = setInterval(actions.reloadCard, ASK_AGAIN_MS)
    return () => clearInterval(timer)
  }, [works, item.id])
  const others = item.clocks.filter((clock) => clock !== main)
  return html`
    ${main && !isEnded(item) && html`<${DueClock} incident=${{ ...item, due_at: main.due_at }} clock=${main} title=${main.label} startedAt=${main.started_at} why=${main.why} provisional=${main.provisional} />`}
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

const isLate = (clock, now) => (clock.counted_at ? clockStanding(clock, now).ms < 0 : clock.due_at !== null && Date.parse(clock.due_at) < (clock.stopped_at ? Date.parse(clock.stopped_at) : now))

/** A time in which it ran: of work in hours, since a day of it is none on the calendar. */
const span = (clock, ms) => (isOfWork(clock) || (ms < DAY_MS && ms >= 3_600_000) ? hours(ms) : duration(ms))

function standingOf(clock, now, zone) {
  const { due_at: due, stopped_at: stopped, paused } = clock
  if (paused) return t('paused')
  if (due === null) return ''
  const left = clock.counted_at ? clockStanding(clock, now).ms : Date.parse(due) - (stopped ? Date.parse(stopped) : now)
  if (!stopped) return left >= 0 ? t('due %(time)s', { time: moment(Date.parse(due), now, zone) }) : t('%(time)s over', { time: span(clock, -left) })
  return left >= 0 ? t('kept, %(time)s to spare', { time: span(clock, left) }) : t('missed by %(time)s', { time: span(clock, -left) })
}

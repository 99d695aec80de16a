/** The clock of an incident: a chip for rows, and the large one of its card. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { useChosen, usePage } from './use-store.js'
import { clockStanding, date, duration, hourAndMinute, hours, moment, standing, standingText } from '../shared/time.js'

/** A clock of minutes need not be drawn anew every second, and there are many of them. */
const everyFiveSeconds = (state) => Math.floor(state.now / 5000) * 5000

/** What is left of the time as a bar; over is broken, so that colour is not alone. */
function Bar({ kind, share }) {
  return html`<span class="clock-bar clock-bar-${kind}" aria-hidden="true">
    <span style=${{ width: `${kind === 'over' ? 100 : Math.round(share * 100)}%` }}></span>
  </span>`
}

/** 剩 18 分 with 72 px of what is left. */
export function ClockChip({ incident, bare = false }) {
  const { zone } = usePage()
  const now = useChosen(everyFiveSeconds)
  const { kind, share } = standing(incident, now)
  return html`<span class="clock clock-${kind}">
    <span class="clock-text">${!bare && kind !== 'closed' && html`<${Icon} name=${kind === 'paused' ? 'pause' : 'clock'} size=${15} />`}${standingText(incident, now, zone)}</span>
    ${!bare && kind !== 'closed' && kind !== 'none' && html`<${Bar} kind=${kind} share=${share} />`}
  </span>`
}

/**
 * A clock of an incident in large, and the sentences that say where it comes from.
 * @param {{ incident: object, clock?: object, title?: string, startedAt: string, why: string[], provisional?: boolean }} props
 *   `clock` knows how far it ran; without it the time from its start to its end is all that can be said
 */
export function DueClock({ incident, clock, title = t('Deadline'), startedAt, why, provisional = false }) {
  const { zone } = usePage()
  const now = useChosen(everyFiveSeconds)
  const { kind, share, ms, used, whole } = clock?.counted_at ? clockStanding(clock, now) : sinceStart(incident, startedAt, now)
  const due = incident.due_at === null ? null : Date.parse(incident.due_at)
  const remark = due === null ? '' : t('due %(time)s', { time: moment(due, now, zone) })
  const works = isOfWork(clock)
  return html`<section class="due" aria-label=${title}>
    <div class="section-head"><h3>${title}</h3><span>${remark}${provisional ? ` · ${t('provisional')}` : ''}</span></div>
    <div class="due-figure clock-${kind}">
      ${kind === 'paused' ? html`<strong>${t('paused')}</strong>` : html`<strong>${figureOf(ms, works)}</strong> <span>${unitOf(kind, ms, works)}</span>`}
      ${whole !== null && html`<em>${usedText(kind, used, whole, works)}</em>`}
    </div>
    <${Bar} kind=${kind} share=${share} />
    ${why.map((sentence) => html`<p key=${sentence} class="why">${sentence}</p>`)}
  </section>`
}

function sinceStart(incident, startedAt, now) {
  const started = Date.parse(startedAt)
  const whole = incident.due_at === null ? null : Date.parse(incident.due_at) - started
  return { ...standing(incident, now, startedAt), used: Math.max(0, now - started), whole }
}

/** Whether a clock counts the hours of work: a day of it is no day on the calendar, so it is said in hours. */
export const isOfWork = (clock) => ['wh', 'wd'].includes(clock?.unit)

/** How much of its time is used, and how much there is in all. */
function usedText(kind, used, whole, works) {
  const words = { used: kind === 'over' ? spanText(whole, works) : works ? hours(used) : duration(used), all: spanText(whole, works) }
  return works ? t('%(used)s of %(all)s of work used', words) : t('%(used)s of %(all)s used', words)
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

const figureOf = (ms, works) => {
  const left = Math.abs(ms)
  if (left < HOUR_MS) return String(Math.floor(left / MINUTE_MS))
  return works || left < 24 * HOUR_MS ? hours(left) : String(Math.floor(left / (24 * HOUR_MS)))
}
const unitOf = (kind, ms, works) => {
  const left = Math.abs(ms)
  const over = kind === 'over'
  if (left < HOUR_MS) return over ? t('minutes over') : t('minutes left')
  if (works) return over ? t('work-hours over') : t('work-hours left')
  if (left < 24 * HOUR_MS) return over ? t('hours over') : t('hours left')
  return over ? t('d over') : t('d left')
}
/** A term is a round number, so it is said in its own unit. */
const spanText = (ms, works) => {
  const span = Math.round(ms / MINUTE_MS) * MINUTE_MS
  return span % HOUR_MS === 0 && span >= HOUR_MS ? t('%(n)s h', { n: span / HOUR_MS }) : works ? hours(span) : duration(span)
}

/** The time in the district, for the top bar. */
export function WallClock() {
  const { zone } = usePage()
  const text = useChosen((state) => hourAndMinute(state.clock, zone))
  const today = useChosen((state) => date(state.clock, zone))
  return html`<time class="wall-clock" title=${`${today} · ${zone}`}>${text}</time>`
}

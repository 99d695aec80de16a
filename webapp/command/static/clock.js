/** The clock of an incident: a chip for rows, and the large one of its card. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { useChosen, usePage } from './use-store.js'
import { date, duration, hourAndMinute, hours, moment, standing, standingText } from '../shared/time.js'

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
    <span class="clock-text">${!bare && kind !== 'closed' && html`<${Icon} name="clock" size=${15} />`}${standingText(incident, now, zone)}</span>
    ${!bare && kind !== 'closed' && kind !== 'none' && html`<${Bar} kind=${kind} share=${share} />`}
  </span>`
}

/** The deadline of an incident in large, and the sentence that says where it comes from. */
export function DueClock({ incident, startedAt, why }) {
  const { zone } = usePage()
  const now = useChosen(everyFiveSeconds)
  const { kind, share, ms } = standing(incident, now, startedAt)
  const due = Date.parse(incident.due_at)
  const started = Date.parse(startedAt)
  return html`<section class="due">
    <div class="section-head">
      <h3>${t('Deadline')}</h3>
      <span>${t('due %(time)s', { time: moment(due, now, zone) })}</span>
    </div>
    <div class="due-figure clock-${kind}">
      <strong>${figureOf(ms)}</strong> <span>${unitOf(kind, ms)}</span>
      <em>${t('%(used)s of %(all)s used', { used: kind === 'over' ? spanText(due - started) : duration(Math.max(0, now - started)), all: spanText(due - started) })}</em>
    </div>
    <${Bar} kind=${kind} share=${share} />
    ${why && html`<p class="why">${why}</p>`}
  </section>`
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

const figureOf = (ms) => {
  const left = Math.abs(ms)
  if (left < HOUR_MS) return String(Math.floor(left / MINUTE_MS))
  return left < 24 * HOUR_MS ? hours(left) : String(Math.floor(left / (24 * HOUR_MS)))
}
const unitOf = (kind, ms) => {
  const left = Math.abs(ms)
  const over = kind === 'over'
  if (left < HOUR_MS) return over ? t('minutes over') : t('minutes left')
  if (left < 24 * HOUR_MS) return over ? t('hours over') : t('hours left')
  return over ? t('d over') : t('d left')
}
/** A term is a round number, so it is said in its own unit. */
const spanText = (ms) => {
  const span = Math.round(ms / MINUTE_MS) * MINUTE_MS
  return span % HOUR_MS === 0 && span >= HOUR_MS ? t('%(n)s h', { n: span / HOUR_MS }) : duration(span)
}

/** The time in the district, for the top bar. */
export function WallClock() {
  const { zone } = usePage()
  const text = useChosen((state) => hourAndMinute(state.clock, zone))
  const today = useChosen((state) => date(state.clock, zone))
  return html`<time class="wall-clock" title=${`${today} · ${zone}`}>${text}</time>`
}

/** Times and durations in the district's zone and the reader's language. */
import { locale, t } from './i18n.js'
import { isEnded, stateWord } from './words.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const SOON_MS = 30 * MINUTE_MS

const formats = new Map()

function format(zone, options) {
  const key = `${zone} ${locale()} ${JSON.stringify(options)}`
  if (!formats.has(key)) {
    // Making one costs more than using it a thousand times.
    formats.set(key, new Intl.DateTimeFormat(locale() === 'en' ? 'en-GB' : locale(), { timeZone: zone, ...options }))
  }
  return formats.get(key)
}

const isoDay = new Map()

/** The day in a zone as 2026-05-18. */
export function dayOf(at, zone) {
  if (!isoDay.has(zone)) isoDay.set(zone, new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }))
  return isoDay.get(zone).format(at)
}

/** 14:32 */
export const hourAndMinute = (at, zone) => format(zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)
/** 5月18日 / 18 May */
export const day = (at, zone) => format(zone, { month: 'short', day: 'numeric' }).format(at)
/** 2026年3月1日 / 1 Mar 2026 */
export const date = (at, zone) => format(zone, { year: 'numeric', month: 'short', day: 'numeric' }).format(at)
/** 2026年3月 / March 2026, of a day at noon in Greenwich */
export const monthOf = (at) => format('UTC', { year: 'numeric', month: 'long' }).format(at)
/** 周三 / Wed */
export const weekday = (at, zone) => format(zone, { weekday: 'short' }).format(at)

/** A time as short as it may be today: 14:32, then 周三 17:30 within six days, then 5月18日 17:30. */
export function moment(at, now, zone) {
  const clock = hourAndMinute(at, zone)
  if (dayOf(at, zone) === dayOf(now, zone)) return clock
  if (Math.abs(at - now) < 6 * DAY_MS) return `${weekday(at, zone)} ${clock}`
  return `${day(at, zone)} ${clock}`
}

/** 2:05, hours and minutes; minutes alone are written by `minutes`. */
export function hours(ms) {
  const total = Math.floor(ms / MINUTE_MS)
  return `${Math.floor(total / 60)}:${String(total % 60).padStart(2, '0')}`
}

/** A duration in words: 18 分, 2:05, 3 天. */
export function duration(ms) {
  if (ms < MINUTE_MS) return t('under a minute')
  if (ms < HOUR_MS) return t('%(n)s min', { n: Math.floor(ms / MINUTE_MS) })
  if (ms < DAY_MS) return hours(ms)
  return t('%(n)s d', { n: Math.floor(ms / DAY_MS) })
}

/**
 * How an incident stands against its deadline.
 * @returns {{ kind: 'none'|'left'|'soon'|'over'|'paused'|'closed', share: number, ms: number }}
 *   `share` of the time that is left, 0 to 1
 */
export function standing(incident, now, startedAt = incident.occurred_at) {
  if (isEnded(incident)) return { kind: 'closed', share: 0, ms: 0 }
  if (incident.state === 'suspended') return { kind: 'paused', share: 1, ms: 0 }
  if (incident.due_at === null) return { kind: 'none', share: 0, ms: 0 }
  const due = Date.parse(incident.due_at)
  const ms = due - now
  if (ms <= 0) return { kind: 'over', share: 0, ms }
  const whole = Math.max(1, due - Date.parse(startedAt))
  const share = Math.min(1, ms / whole)
  return { kind: share < 0.25 || ms < SOON_MS ? 'soon' : 'left', share, ms }
}

/**
 * How a clock stands by the time in which it ran: of work-hours and work-days only those count.
 * @param {object} clock  of the answer to one incident: how far it was when that was counted, and whether it runs
 * @returns {{ kind: 'left'|'soon'|'over'|'paused', share: number, ms: number, used: number, whole: number }} milliseconds
 */
export function clockStanding(clock, now) {
  const since = clock.running ? Math.max(0, now - Date.parse(clock.counted_at)) : 0
  const used = clock.used_s * 1000 + since
  const whole = clock.total_s * 1000
  const ms = whole - used
  const share = Math.min(1, Math.max(0, ms / Math.max(1, whole)))
  const kind = clock.paused ? 'paused' : ms <= 0 ? 'over' : share < 0.25 || ms < SOON_MS ? 'soon' : 'left'
  return { kind, share, ms, used, whole }
}

/** 剩 18 分, 剩 2:05, 超 1:24, 停表, 周三 17:30. */
export function standingText(incident, now, zone) {
  const { kind, ms } = standing(incident, now)
  if (kind === 'none') return t('no clock yet')
  if (kind === 'closed') return stateWord(incident.state)
  if (kind === 'paused') return t('paused')
  if (kind === 'over') return -ms < DAY_MS ? t('%(time)s over', { time: hours(-ms) }) : t('%(n)s d over', { n: Math.floor(-ms / DAY_MS) })
  if (ms < MINUTE_MS) return t('under a minute left')
  if (ms < HOUR_MS) return t('%(n)s min left', { n: Math.floor(ms / MINUTE_MS) })
  if (ms < DAY_MS) return t('%(time)s left', { time: hours(ms) })
  return moment(now + ms, now, zone)
}

/** 1 秒前, 12 分前: how long ago, for toasts and silent devices. */
export function ago(at, now) {
  const ms = Math.max(0, now - at)
  if (ms < MINUTE_MS) return t('%(n)s s ago', { n: Math.max(1, Math.floor(ms / 1000)) })
  return t('%(time)s ago', { time: duration(ms) })
}

/** An instant as a field of date and time takes it, in a zone: 2026-05-18T14:32. */
export const writtenTime = (at, zone) => `${dayOf(at, zone)}T${hourAndMinute(at, zone)}`

/**
 * The instant of what stands in a field of date and time, by the clock of a zone.
 * @param {string} text  2026-05-18T14:32; what is no time gives an empty text
 * @returns {string} with zone, RFC 3339
 */
export function instantOf(text, zone) {
  const wanted = Date.parse(`${text}Z`)
  if (Number.isNaN(wanted)) return ''
  // How far the zone's clock is from Greenwich there; asked twice, for on the way it may have been put forward.
  let at = wanted
  for (let tries = 0; tries < 2; tries += 1) at -= Date.parse(`${writtenTime(at, zone)}Z`) - wanted
  return new Date(at).toISOString()
}

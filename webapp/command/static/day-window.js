/** Which hours the bar of the day shows, and what stands where on it: pure, in milliseconds. */
import { dayOf } from '../shared/time.js'

export const QUARTER_MS = 900_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The first instant of the local day that holds `at`; not every day has 24 hours. */
export function midnight(at, zone) {
  const today = dayOf(at, zone)
  // Offsets of zones are whole quarters, so one of them is the first of its day.
  let from = Math.floor(at / QUARTER_MS) * QUARTER_MS - 26 * HOUR_MS
  let until = Math.floor(at / QUARTER_MS) * QUARTER_MS
  while (until - from > QUARTER_MS) {
    const middle = from + Math.round((until - from) / 2 / QUARTER_MS) * QUARTER_MS
    if (dayOf(middle, zone) < today) from = middle
    else until = middle
  }
  return dayOf(from, zone) < today ? until : from
}

/**
 * The stretch of time to show: the last 24 hours as long as the moment is among them, else its own day.
 * @param {number|null} asOf  the moment that is looked at; null is now
 * @param {number} clock  now
 * @param {string} zone
 * @returns {{ from: number, to: number, recent: boolean }}
 */
export function windowOf(asOf, clock, zone) {
  const end = Math.ceil(clock / QUARTER_MS) * QUARTER_MS
  if (asOf === null || asOf > end - DAY_MS) return { from: end - DAY_MS, to: end, recent: true }
  const from = midnight(asOf, zone)
  return { from, to: midnight(from + 36 * HOUR_MS, zone), recent: false }
}

/** The whole hours to write under the bars, each where it stands, 0 to 1; which may go for want of room; where a day begins. */
export function hoursOf({ from, to }, zone, every = 2) {
  const marks = []
  let begins = midnight(from, zone)
  for (let at = Math.ceil(from / HOUR_MS) * HOUR_MS; at <= to; at += HOUR_MS) {
    if (dayOf(at, zone) !== dayOf(begins, zone)) begins = at
    const hour = Math.round((at - begins) / HOUR_MS)
    if (hour % every === 0) marks.push({ at, share: (at - from) / (to - from), begins: at === begins, minor: hour % (2 * every) !== 0 })
  }
  return marks
}

/**
 * Bars from the counts of quarters, as rectangles on a lattice one quarter wide and `height` high.
 * @param {{ n: number, by_severity: Record<string, number> }[]} counts
 * @returns {{ x: number, y: number, height: number, severity: number }[]}  what is gravest stands on top
 */
export function barsOf(counts, height) {
  const total = ({ by_severity: by }) => Object.values(by).reduce((sum, n) => sum + n, 0)
  const most = Math.max(4, ...counts.map(total))
  return counts.flatMap(({ n, by_severity: by }) => {
    let top = height
    return [4, 3, 2, 1]
      .filter((severity) => by[severity])
      .map((severity) => {
        const tall = (by[severity] / most) * height
        top -= tall
        return { x: n, y: top, height: tall, severity }
      })
  })
}

/** The weeks of the month that holds a day, Monday first: days as 2026-05-18, null beside the month. */
export function weeksOf(iso) {
  const [year, month] = iso.split('-').map(Number)
  const lead = (new Date(Date.UTC(year, month - 1, 1)).getUTCDay() + 6) % 7
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate()
  const days = Array.from({ length: Math.ceil((lead + length) / 7) * 7 }, (_, i) => {
    const n = i - lead + 1
    return n < 1 || n > length ? null : isoDay(year, month, n)
  })
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(7 * week, 7 * week + 7))
}

/** A day some months or days away, as 2026-05-18; the last of the month where there is none. */
export function dayFrom(iso, { months = 0, days = 0 }) {
  const [year, month, n] = iso.split('-').map(Number)
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate()
  const found = new Date(Date.UTC(year, month - 1 + months, (months ? Math.min(n, last) : n) + days))
  return isoDay(found.getUTCFullYear(), found.getUTCMonth() + 1, found.getUTCDate())
}

/** An instant of a local day, at the same hour as another instant. */
export function sameHourOn(iso, at, zone) {
  const begins = midnight(Date.parse(`${iso}T12:00:00Z`), zone)
  // Noon in Greenwich may lie in the day before or after, far from it.
  const start = dayOf(begins, zone) === iso ? begins : midnight(begins + (dayOf(begins, zone) < iso ? 36 : -12) * HOUR_MS, zone)
  return start + Math.min(at - midnight(at, zone), DAY_MS - QUARTER_MS)
}

/** The first whole minute from an instant on: a boundary that came into force within a minute is not yet that of its beginning. */
export const minuteFrom = (at) => Math.ceil(at / MINUTE_MS) * MINUTE_MS

const isoDay = (year, month, n) => `${year}-${String(month).padStart(2, '0')}-${String(n).padStart(2, '0')}`

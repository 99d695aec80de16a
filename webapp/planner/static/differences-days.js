/** The two days that are compared: what the address says of them, and what an edition stands for. */
import { dayOf } from '../shared/time.js'

const DAY = /^\d{4}-\d{2}-\d{2}$/

/**
 * @typedef {object} Span
 * @property {string} from  a day, or an instant where two editions fall on one day
 * @property {string} to
 */

/**
 * What one edition changed: the instants right before and right after it took effect.
 * @param {{ effective_at: string }} edition
 * @returns {Span}
 */
export function spanOf({ effective_at: at }) {
  const instant = Date.parse(at)
  // Instants are told to the millisecond, and it took effect within this one.
  return { from: new Date(instant - 1).toISOString(), to: new Date(instant + 1).toISOString() }
}

/** @returns {string} the day of a day or an instant, in a zone */
export const dayIn = (text, zone) => (DAY.test(text) ? text : dayOf(Date.parse(text), zone))

/** @returns {boolean} whether a span is what one edition changed */
export const isSpanOf = (span, edition) => {
  const own = spanOf(edition)
  return span.from === own.from && span.to === own.to
}

/**
 * Read the query string; what it does not say, or says wrongly, is what the newest edition changed.
 * @param {string} query
 * @param {object[]} editions  the oldest first
 * @param {string} zone
 * @param {number} now
 * @returns {{ span: Span, chosen: number|null }}
 */
export function readAddress(query, editions, zone, now) {
  const fields = new URLSearchParams(query)
  const usable = (name) => (DAY.test(fields.get(name) ?? '') || Number.isFinite(Date.parse(fields.get(name) ?? '')) ? fields.get(name) : null)
  const today = dayOf(now, zone)
  const chosen = Number(fields.get('grid')) || null
  const from = usable('from')
  if (from) return { span: { from, to: usable('to') ?? today }, chosen }
  if (editions.length > 1) return { span: spanOf(editions.at(-1)), chosen }
  return { span: { from: editions.length ? dayOf(Date.parse(editions[0].effective_at), zone) : today, to: today }, chosen }
}

/** @returns {string} the query string */
export function writeAddress({ from, to }, chosen) {
  const fields = [`from=${from}`, `to=${to}`, chosen && `grid=${chosen}`].filter(Boolean)
  return `?${fields.join('&')}`
}

/** Days that people choose, as instants of the district's zone. */
import { dayOf } from '../shared/time.js'

const DAY_MS = 86_400_000

/**
 * The first instant of a day in a zone.
 * @param {string} day  2026-05-18
 * @param {string} zone
 * @returns {string}  RFC 3339, UTC
 */
export function beginningOf(day, zone) {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  // The same figures on the zone's clock are off by its offset; looked at twice, for the offset may change that day.
  let instant = midnight - offsetMs(midnight, zone)
  instant = midnight - offsetMs(instant, zone)
  return new Date(instant).toISOString()
}

/** The first instant after a day: what lasts until a day lasts through it. */
export const endOf = (day, zone) => beginningOf(new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10), zone)

/** Today in a zone, as a field for dates takes it. */
export const today = (zone) => dayOf(Date.now(), zone)

function offsetMs(instant, zone) {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(instant)
  const { year, month, day, hour, minute, second } = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]))
  return Date.UTC(year, month - 1, day, hour, minute, second) - instant
}

/** Safe zones as a map and a phone have them. */
import { t } from './i18n.js'
import { hourAndMinute } from './time.js'

/** The name of a zone with the hour of its end. */
export const zoneTag = (zone, timeZone) => t('%(name)s until %(time)s', { name: zone.name, time: hourAndMinute(Date.parse(zone.until), timeZone) })

/** @param {object} zone  as the server tells it @returns {import('./map/places.js').Zone} */
export const zoneOnMap = (zone, timeZone) => ({ id: zone.id, ring: zone.ring, tag: zoneTag(zone, timeZone) })

/**
 * The zones that hold now; what a phone keeps may be of this morning.
 * @param {object[]} zones
 * @param {number} now  ms
 */
export const zonesNow = (zones, now) => zones.filter(({ until }) => Date.parse(until) > now)

/** Whether a place lies in the ring of a zone: even-odd. */
export function isInside({ ring }, { lon, lat }) {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [ax, ay] = ring[i]
    const [bx, by] = ring[j]
    if (ay > lat !== by > lat && lon < ((bx - ax) * (lat - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}

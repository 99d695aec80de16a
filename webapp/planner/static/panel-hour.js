/** Hours as people of the district read them off the wall, and the instants they are. */

const formats = new Map()

function format(zone) {
  // Swedish writes 2026-11-22 02:00, which is what an input of the browser wants but for one letter.
  if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }))
  return formats.get(zone)
}

/**
 * What a clock in the zone shows at an instant.
 * @param {number} at
 * @param {string} zone
 * @returns {string} 2026-11-22T02:00
 */
export const wallOf = (at, zone) => format(zone).format(at).replace(' ', 'T')

/**
 * The instant at which a clock in the zone shows this; of an hour that a zone has twice, the first.
 * @param {string} wall  2026-11-22T02:00
 * @param {string} zone
 * @returns {number} milliseconds, NaN where nothing can be read
 */
export function instantOf(wall, zone) {
  const asGreenwich = Date.parse(`${wall}Z`)
  if (Number.isNaN(asGreenwich)) return NaN
  const aheadAt = (at) => Date.parse(`${wallOf(at, zone)}Z`) - at
  // How far a zone is ahead differs by the season: of the day before and of the day after, the one that fits.
  const fits = [-1, 1].map((days) => asGreenwich - aheadAt(asGreenwich + days * 86_400_000)).filter((at) => wallOf(at, zone) === wall)
  // An hour that the zone leaps over is as long after midnight as it says.
  return fits.length ? Math.min(...fits) : asGreenwich - aheadAt(asGreenwich - 86_400_000)
}

/** The next hour at which hardly anybody works: 2 in the night that comes. */
export function nextNight(now, zone) {
  const today = wallOf(now, zone).slice(0, 10)
  const night = instantOf(`${today}T02:00`, zone)
  if (night > now) return night
  // Past midnight in Greenwich a day farther, whatever the season does.
  return instantOf(`${wallOf(now + 86_400_000, zone).slice(0, 10)}T02:00`, zone)
}

/** Which of the positions that a phone gives is the one to work with. Pure: the clock is a parameter. */

/** Fixes of so long ago still speak of here; of these the most accurate counts. */
const FRESH_MS = 10_000
const KEPT = 30

/**
 * @typedef {{ lon: number, lat: number, errorM: number, at: number }} Fix
 *   degrees WGS 84; radius in metres that holds 95 %, as browsers give it; ms since 1970 by the phone's clock
 */

/**
 * Take in a new fix and forget the oldest.
 * @param {Fix[]} fixes  oldest first
 * @param {Fix} fix
 */
export const withFix = (fixes, fix) => [...fixes, fix].slice(-KEPT)

/**
 * The most accurate fix of the last seconds, or the last one there was.
 * @param {Fix[]} fixes  oldest first
 * @param {number} now  ms
 * @returns {Fix|null}
 */
export function bestFix(fixes, now) {
  const fresh = fixes.filter(({ at }) => now - at <= FRESH_MS)
  if (!fresh.length) return fixes[fixes.length - 1] ?? null
  return fresh.reduce((best, fix) => (fix.errorM <= best.errorM ? fix : best))
}

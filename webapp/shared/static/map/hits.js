// What lies under the pointer: symbols by their distance, grids by their outline.

import { holds, ringsOf } from './sight.js'

/**
 * @typedef {{kind: 'incident'|'cluster'|'device'|'person'|'site'|'grid'|'place', id?: string|number, lon: number,
 *   lat: number, properties: object}} Hit
 * `lon` and `lat`: of the symbol, or of the pointer for a grid or a bare place.
 */

/**
 * The nearest point feature within reach.
 * @param {{getFlatCoordinates: () => number[]}[]} features  points
 * @param {number[]} at  EPSG:3857
 * @param {number} reach  EPSG:3857 metres
 */
export function nearest(features, [x, y], reach) {
  let best
  let least = reach
  for (const feature of features) {
    const [fx, fy] = coordinatesOf(feature)
    const distance = Math.hypot(fx - x, fy - y)
    if (distance <= least) [best, least] = [feature, distance]
  }
  return best
}

/** @param {object} feature  of a tile or of our own @returns {number[]} its first point, EPSG:3857 */
export function coordinatesOf(feature) {
  return (feature.getFlatCoordinates ? feature : feature.getGeometry()).getFlatCoordinates()
}

/** @param {object[]} features @param {number[]} at  EPSG:3857 @returns {object|undefined} the grid that holds the point */
export function gridAt(features, [x, y]) {
  return features.find((feature) => {
    if (feature.get('of') !== 'grids') return false
    // Even-odd over all rings: a hole counts once more and is outside.
    return ringsOf(feature).filter((ring) => holds(ring, x, y)).length % 2 === 1
  })
}

// What lies under the pointer: symbols by their distance, grids by their outline.

import { holds, ringsOf } from './sight.js'

/**
 * @typedef {{kind: 'incident'|'cluster'|'device'|'person'|'site'|'flaw'|'outline'|'grid'|'place', id?: string|number, lon: number,
 *   lat: number, properties: object}} Hit
 * `lon` and `lat`: of the symbol, or of the pointer for an outline, a grid or a bare place.
 *
 * @typedef {{at: number[], properties: object}} Thing  a symbol on the map: its place in EPSG:3857, and what is known of it
 */

/** @param {object} feature  a point of a tile @returns {Thing} */
export const thingOf = (feature) => ({ at: feature.getFlatCoordinates(), properties: feature.getProperties() })

/**
 * The nearest symbol within reach.
 * @param {Thing[]} things
 * @param {number[]} at  EPSG:3857
 * @param {number} reach  EPSG:3857 metres
 * @returns {Thing|undefined}
 */
export function nearest(things, [x, y], reach) {
  let best
  let least = reach
  for (const thing of things) {
    const distance = Math.hypot(thing.at[0] - x, thing.at[1] - y)
    if (distance < least) [best, least] = [thing, distance]
  }
  return best
}

/** @param {object[]} grids  as tiles hold them @param {number[]} at  EPSG:3857 @returns {object|undefined} the grid that holds the point */
export function gridAt(grids, [x, y]) {
  // Even-odd over all rings: a hole counts once more and is outside.
  return grids.find((grid) => ringsOf(grid).filter((ring) => holds(ring, x, y)).length % 2 === 1)
}

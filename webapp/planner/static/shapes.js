/** Polygons of grids as the page holds them: the bytes of the server for what is sent, metres of the map for what is drawn. */
import { project } from '../shared/map/scale.js'
import { boxOf, holds } from '../shared/map/sight.js'

/**
 * @typedef {object} Shape
 * @property {string} id
 * @property {object} properties
 * @property {number[][][]} rings  closed, [lon, lat] as the server gave them
 * @property {number[][]} flat  the same rings, EPSG:3857, flat
 * @property {number[]} box  west, south, east, north, EPSG:3857
 */

/** @param {object} feature  GeoJSON, WGS 84 @returns {Shape} */
export function shapeOf({ id, properties, geometry }) {
  const rings = geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat()
  const flat = rings.map((ring) => ring.flatMap(([lon, lat]) => project(lon, lat)))
  return { id: String(id), properties, rings, flat, box: boxOf(flat[0]) }
}

/** @param {number[][]} flat  rings of one polygon @returns {boolean} whether the point is inside, holes left out */
export const within = (flat, [x, y]) => flat.filter((ring) => holds(ring, x, y)).length % 2 === 1

/** @param {number[]} one @param {number[]} other  boxes @param {number} [reach] @returns {boolean} */
export const meet = (one, other, reach = 0) =>
  one[0] <= other[2] + reach && one[2] >= other[0] - reach && one[1] <= other[3] + reach && one[3] >= other[1] - reach

/** @param {number[]} xy @param {number} reach @returns {number[]} the box around a point */
export const around = ([x, y], reach) => [x - reach, y - reach, x + reach, y + reach]

/** @param {number[][]} boxes @returns {number[]} the box of them all */
export const joined = (boxes) => [0, 1, 2, 3].map((side) => Math[side < 2 ? 'min' : 'max'](...boxes.map((box) => box[side])))

/**
 * The nearest point of a segment.
 * @returns {{ xy: number[], distance: number, along: number }}  `along` 0..1
 */
export function onSegment([x0, y0], [x1, y1], [x, y]) {
  const [dx, dy] = [x1 - x0, y1 - y0]
  const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)))
  const xy = [x0 + along * dx, y0 + along * dy]
  return { xy, distance: Math.hypot(xy[0] - x, xy[1] - y), along }
}

/** @returns {boolean} whether two segments cross or touch */
export function cross([a, b], [c, d]) {
  const side = ([x0, y0], [x1, y1], [x, y]) => Math.sign((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0))
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)
}

/** The points of a flat line. @param {number[]} flat @returns {number[][]} */
export const pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]])

const TRIES = 11

/**
 * Where a name has most room: the best of a lattice of points, then of a finer one around it.
 * @param {number[][]} flat  rings
 * @param {number[]} box
 * @returns {{ at: number[], room: number }}  `room`: metres to the nearest side
 */
export function roomiest(flat, box) {
  let best = { at: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], room: -1 }
  let [west, south, east, north] = box
  for (let turn = 0; turn < 2; turn += 1) {
    for (let column = 0; column < TRIES; column += 1) {
      for (let row = 0; row < TRIES; row += 1) {
        const at = [west + ((column + 0.5) / TRIES) * (east - west), south + ((row + 0.5) / TRIES) * (north - south)]
        if (!within(flat, at)) continue
        const room = toRim(flat, at)
        if (room > best.room) best = { at, room }
      }
    }
    const [dx, dy] = [(east - west) / TRIES, (north - south) / TRIES]
    ;[west, south, east, north] = [best.at[0] - dx, best.at[1] - dy, best.at[0] + dx, best.at[1] + dy]
  }
  return best
}

function toRim(flat, at) {
  let least = Infinity
  for (const ring of flat) {
    for (let n = 0; n + 3 < ring.length; n += 2) {
      const { distance } = onSegment([ring[n], ring[n + 1]], [ring[n + 2], ring[n + 3]], at)
      if (distance < least) least = distance
    }
  }
  return least
}

/** What a corner that is moved or drawn is drawn to: corners and edges of grids, streets, buildings. */
import { t } from '../shared/i18n.js'
import { unproject } from '../shared/map/scale.js'
import { around, meet, onSegment, pairs } from './shapes.js'

/**
 * @typedef {object} Spot
 * @property {number[]} xy  EPSG:3857
 * @property {number[]} lonlat  the server's own digits where it is a corner of a grid
 * @property {string|null} what  what it was drawn to, in words
 */

/**
 * @param {number[]} xy  where the hand is
 * @param {number} reach
 * @param {{ source: object, things: object, snapping: Record<string, boolean> }} world
 * @param {Set<string>} [leave]  keys of corners that are being moved
 * @returns {Spot}
 */
export function snapTo(xy, reach, { source, things, snapping }, leave = new Set()) {
  const best = { distance: reach, spot: null }
  const offer = (distance, there, what, lonlat) => {
    if (distance < best.distance) Object.assign(best, { distance, spot: { xy: there, lonlat: lonlat ?? unproject(there), what } })
  }
  const near = source.near(around(xy, reach))
  if (snapping.grids) corners(near, xy, leave, offer)
  if (best.spot) return best.spot
  if (snapping.buildings) {
    for (const { box, ring, name } of things.buildings()) {
      if (meet(box, around(xy, reach))) edges(ring, xy, (distance, there) => offer(distance, there, name ?? t('building')))
    }
  }
  if (snapping.streets) {
    for (const { box, flat, name } of things.streets()) {
      if (meet(box, around(xy, reach))) edges(flat, xy, (distance, there) => offer(distance, there, name ?? t('street')))
    }
  }
  if (snapping.grids && !leave.size) {
    for (const { flat } of near) for (const ring of flat) edges(ring, xy, (distance, there) => offer(distance, there, t('border')))
  }
  return best.spot ?? { xy, lonlat: unproject(xy), what: null }
}

function corners(shapes, xy, leave, offer) {
  for (const { rings, flat } of shapes) {
    rings.forEach((ring, n) =>
      ring.forEach((lonlat, at) => {
        if (leave.has(lonlat.join())) return
        const there = [flat[n][2 * at], flat[n][2 * at + 1]]
        offer(Math.hypot(there[0] - xy[0], there[1] - xy[1]), there, t('corner of a border'), lonlat)
      }),
    )
  }
}

function edges(flat, xy, offer) {
  const points = pairs(flat)
  for (let at = 0; at + 1 < points.length; at += 1) {
    const { xy: there, distance } = onSegment(points[at], points[at + 1], xy)
    offer(distance, there)
  }
}

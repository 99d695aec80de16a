/** Pieces that change hands as a whole: a street block, a building with the ground up to the border, an institution. */
import { blockAt } from './block.js'
import { onSegment, pairs, within } from './shapes.js'

/** A wall so near to the border stands on it; EPSG:3857 metres. */
const TOUCHING_M = 0.3

/**
 * @param {'block'|'building'|'site'} what
 * @param {{ source: object, things: object }} world
 * @param {number[]} xy
 * @returns {{ grid: string, ring: number[][], building: object|null, site: object|null }|null}
 */
export function pieceAt(what, { source, things }, xy) {
  const shape = source.at(xy)
  if (!shape) return null
  if (what === 'block') {
    const ring = blockAt(shape, things.streets(), xy)
    return ring && { grid: shape.id, ring, building: null, site: null }
  }
  const [building, site] = what === 'building' ? [things.buildingAt(xy) ?? null, null] : [null, things.institutionAt(xy) ?? null]
  const ground = building ?? site
  return ground && { grid: shape.id, ring: pairs(ground.ring), building, site }
}

/**
 * A building's piece so that it touches the grid that receives it: with the ground between its walls and that border.
 * @param {{ ring: number[][], building: object|null }} piece
 * @param {import('./shapes.js').Shape} giver
 * @param {import('./shapes.js').Shape} receiver
 * @returns {number[][]}  closed ring
 */
export function reachingTo({ ring, building }, giver, receiver) {
  if (!building) return ring
  const feet = ring.slice(0, -1).map((corner) => foot(corner, giver, receiver)).filter(Boolean)
  if (!feet.length || feet.every(({ distance }) => distance < TOUCHING_M)) return ring
  return hull([...ring.slice(0, -1), ...feet.map(({ xy }) => xy)])
}

/** The nearest point of the common border. */
function foot(corner, giver, receiver) {
  let best = null
  for (const rim of receiver.flat) {
    const points = pairs(rim)
    for (let at = 0; at + 1 < points.length; at += 1) {
      const there = onSegment(points[at], points[at + 1], corner)
      const shared = giver.flat.some((own) => liesOn(there.xy, own))
      if (shared && (!best || there.distance < best.distance)) best = there
    }
  }
  return best
}

function liesOn(xy, flat) {
  const points = pairs(flat)
  return points.some((point, at) => at + 1 < points.length && onSegment(point, points[at + 1], xy).distance < TOUCHING_M)
}

/** The convex hull of points, closed; Andrew's monotone chain. */
function hull(points) {
  const sorted = [...points].sort((one, other) => one[0] - other[0] || one[1] - other[1])
  const half = (row) => {
    const line = []
    for (const point of row) {
      while (line.length > 1 && turn(line[line.length - 2], line[line.length - 1], point) <= 0) line.pop()
      line.push(point)
    }
    return line.slice(0, -1)
  }
  const ring = [...half(sorted), ...half([...sorted].reverse())]
  return [...ring, ring[0]]
}

const turn = ([x0, y0], [x1, y1], [x, y]) => (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)

/** The buildings that a piece takes along. */
export const housesIn = (ring, buildings) => buildings.filter(({ inner }) => within([ring.flat()], inner))

/** What it means to draw at a corner, at the middle of an edge, or at an edge: for the preview, and as an edit. */
import { unproject } from '../shared/map/scale.js'

/** An edge that hangs on corners that stay gets new ones this far from its ends. */
const NEAR_END = 0.06

/**
 * @typedef {{ kind: 'corner'|'middle'|'edge', stretch: import('./borders.js').Stretch, at: number, start: number[] }} Grab
 */

/**
 * @param {Grab} grab
 * @param {number[]} to  EPSG:3857
 * @returns {import('./preview.js').Change}
 */
export function changeOf(grab, to) {
  const { corners } = grab.stretch
  const [one, other] = [corners[grab.at], corners[grab.at + 1]]
  if (grab.kind === 'corner') return { moves: new Map([[one.key, to]]), inserts: [] }
  if (grab.kind === 'middle') return { moves: new Map(), inserts: [{ from: one.key, to: other.key, through: [to] }] }
  const [first, second] = shifted(grab, to)
  const moves = new Map([[one, first], [other, second]].filter(([{ stays }]) => !stays).map(([{ key }, xy]) => [key, xy]))
  const through = [[one, first], [other, second]].filter(([{ stays }]) => stays).map(([, xy]) => xy)
  return { moves, inserts: through.length ? [{ from: one.key, to: other.key, through }] : [] }
}

/** Where the ends of an edge go; ends that stay send a new corner in their place. */
function shifted({ stretch: { corners }, at, start }, to) {
  const [[x0, y0], [x1, y1]] = [corners[at].xy, corners[at + 1].xy]
  const [dx, dy] = [to[0] - start[0], to[1] - start[1]]
  const along = (corner, share) => (corner.stays ? [x0 + share * (x1 - x0) + dx, y0 + share * (y1 - y0) + dy] : [corner.xy[0] + dx, corner.xy[1] + dy])
  return [along(corners[at], NEAR_END), along(corners[at + 1], 1 - NEAR_END)]
}

/**
 * The edit that a finished drag is.
 * @param {Grab} grab
 * @param {{ xy: number[], lonlat: number[] }} spot
 * @returns {{ op: string, args: object, corner: boolean }}  `corner`: one corner now stands at the spot
 */
export function editOf(grab, spot) {
  const { corners, between } = grab.stretch
  const [one, other] = [corners[grab.at], corners[grab.at + 1]]
  if (grab.kind === 'corner') return { op: 'move_vertex', args: { at: one.lonlat, to: spot.lonlat }, corner: true }
  if (grab.kind === 'middle') return { op: 'reshape', args: { line: [one.lonlat, spot.lonlat, other.lonlat], between }, corner: true }
  const [first, second] = shifted(grab, spot.xy).map(unproject)
  if (!one.stays && !other.stays) return { op: 'move_edge', args: { moves: [[one.lonlat, first], [other.lonlat, second]] }, corner: false }
  const [before, after] = [neighbour(grab.stretch, grab.at, -1), neighbour(grab.stretch, grab.at + 1, 1)]
  return { op: 'reshape', args: { line: [(one.stays ? one : before).lonlat, first, second, (other.stays ? other : after).lonlat], between }, corner: false }
}

/** The corner beside another in a stretch; one that closes goes around. */
function neighbour({ corners }, at, by) {
  const n = corners.length - 1
  const closed = corners[0].key === corners[n].key
  return corners[closed ? (at + by + n) % n : at + by]
}

/**
 * The edit that leaves a corner out; nothing where a border ends.
 * @param {import('./borders.js').Stretch[]} stretches
 * @param {import('./borders.js').Corner} corner
 */
export function goneOf(stretches, corner) {
  if (corner.stays) return null
  for (const stretch of stretches) {
    const at = stretch.corners.findIndex(({ key }) => key === corner.key)
    if (at < 0) continue
    const [before, after] = [neighbour(stretch, at, -1), neighbour(stretch, at, 1)]
    return before && after ? { line: [before.lonlat, after.lonlat], between: stretch.between } : null
  }
  return null
}

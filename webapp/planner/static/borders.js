/** What grids share: corners, the edges between them, and the stretches of border between two grids. */
import { project } from '../shared/map/scale.js'
import { onSegment } from './shapes.js'

/** @param {number[]} lonlat @returns {string} two grids have the same corner when the server gives it the same digits */
export const keyOf = ([lon, lat]) => `${lon},${lat}`

/**
 * @typedef {object} Corner
 * @property {string} key
 * @property {number[]} lonlat  as the server gave it
 * @property {number[]} xy  EPSG:3857
 * @property {boolean} [stays]  more than two grids meet here, or the rim of the district: it ends a stretch
 * @typedef {object} Stretch
 * @property {string[]} between  ids of two grids
 * @property {Corner[]} corners  in their order along the border; the last is the first where it closes
 */

/**
 * The edges of shapes, each once, with the grids at its sides.
 * @param {import('./shapes.js').Shape[]} shapes
 * @returns {{ corners: Map<string, Corner>, edges: Map<string, { ends: Corner[], grids: string[] }> }}
 */
export function edgesOf(shapes) {
  const corners = new Map()
  const edges = new Map()
  const cornerAt = (lonlat) => {
    const key = keyOf(lonlat)
    if (!corners.has(key)) corners.set(key, { key, lonlat, xy: project(...lonlat) })
    return corners.get(key)
  }
  for (const { id, rings } of shapes) {
    for (const ring of rings) {
      for (let at = 0; at + 1 < ring.length; at += 1) {
        const ends = [cornerAt(ring[at]), cornerAt(ring[at + 1])]
        const name = ends.map(({ key }) => key).sort().join(' ')
        if (edges.has(name)) edges.get(name).grids.push(id)
        else edges.set(name, { ends, grids: [id] })
      }
    }
  }
  return { corners, edges }
}

/**
 * The stretches of border between grids; the rim of what is known is none.
 * @param {import('./shapes.js').Shape[]} shapes  with all their neighbours, or a stretch is taken for the rim
 * @param {(grids: string[]) => boolean} [wanted]  which pairs of grids
 * @returns {Stretch[]}
 */
export function stretchesOf(shapes, wanted = () => true) {
  const { corners, edges } = edgesOf(shapes)
  const pairsAt = new Map([...corners.keys()].map((key) => [key, new Set()]))
  const ways = new Map()
  for (const { ends, grids } of edges.values()) {
    const pair = [...grids].sort().join(' ')
    for (const { key } of ends) pairsAt.get(key).add(pair)
    if (grids.length !== 2 || !wanted(grids)) continue
    if (!ways.has(pair)) ways.set(pair, { between: [...grids].sort(), edges: [] })
    ways.get(pair).edges.push(ends)
  }
  for (const corner of corners.values()) corner.stays = pairsAt.get(corner.key).size > 1
  return [...ways.values()].flatMap(({ between, edges: own }) => inRows(own).map((line) => ({ between, corners: line })))
}

/**
 * Edges one after the other, from end to end; what has no end goes around.
 * @param {Corner[][]} edges  pairs of corners @returns {Corner[][]}
 */
export function inRows(edges) {
  const at = new Map()
  for (const ends of edges) {
    for (const { key } of ends) at.set(key, [...(at.get(key) ?? []), ends])
  }
  const used = new Set()
  const follow = (start) => {
    const line = [start]
    for (;;) {
      const here = line[line.length - 1]
      const next = at.get(here.key).find((ends) => !used.has(ends))
      if (!next) return line
      used.add(next)
      line.push(next[0].key === here.key ? next[1] : next[0])
      if (line[line.length - 1].stays) return line
    }
  }
  const lines = []
  const begin = (corner) => {
    while (at.get(corner.key).some((ends) => !used.has(ends))) lines.push(follow(corner))
  }
  const all = edges.flat()
  for (const corner of all) if (corner.stays || at.get(corner.key).length === 1) begin(corner)
  for (const corner of all) begin(corner)
  return lines
}

/**
 * The nearest of the things that one can take hold of.
 * @param {Stretch[]} stretches
 * @param {number[]} xy
 * @param {number} reach
 * @returns {{ kind: 'corner'|'middle'|'edge', stretch: Stretch, at: number, xy: number[] }|null}
 *   `at`: place of the corner, or of the edge's first corner, in the stretch
 */
export function grip(stretches, xy, reach) {
  let best = null
  let least = reach
  const offer = (kind, stretch, at, there, distance) => {
    if (distance < least) [best, least] = [{ kind, stretch, at, xy: there }, distance]
  }
  for (const stretch of stretches) {
    stretch.corners.forEach((corner, at) => offer('corner', stretch, at, corner.xy, away(corner.xy, xy)))
  }
  if (best) return best
  for (const stretch of stretches) {
    eachEdge(stretch, (one, other, at) => {
      const middle = [(one.xy[0] + other.xy[0]) / 2, (one.xy[1] + other.xy[1]) / 2]
      // Where corners stand close there is no room for a dot between them.
      if (away(one.xy, other.xy) > 4 * reach) offer('middle', stretch, at, middle, away(middle, xy))
    })
  }
  if (best) return best
  for (const stretch of stretches) {
    eachEdge(stretch, (one, other, at) => {
      const { xy: there, distance } = onSegment(one.xy, other.xy, xy)
      offer('edge', stretch, at, there, distance)
    })
  }
  return best
}

/** @param {Stretch} stretch @param {(one: Corner, other: Corner, at: number) => void} visit */
export function eachEdge({ corners }, visit) {
  for (let at = 0; at + 1 < corners.length; at += 1) visit(corners[at], corners[at + 1], at)
}

export const away = ([x0, y0], [x1, y1]) => Math.hypot(x1 - x0, y1 - y0)

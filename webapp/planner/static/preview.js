/** What a change would come to, reckoned on the page while the hand still moves; the server decides afterwards. */
import { keyOf } from './borders.js'
import { boxOf } from '../shared/map/sight.js'
import { cross, joined, meet, pairs, within } from './shapes.js'

/**
 * @typedef {object} Change
 * @property {Map<string, number[]>} moves  key of a corner -> where it goes, EPSG:3857
 * @property {{ from: string, to: string, through: number[][] }[]} inserts  new corners between two that follow each other
 */

/**
 * The shapes that follow, each with its rings before and after.
 * @param {import('./shapes.js').Shape[]} shapes
 * @param {Change} change
 * @returns {{ id: string, before: number[][], after: number[][], box: number[] }[]}
 */
export function redrawn(shapes, change) {
  return shapes.flatMap((shape) => {
    const after = shape.rings.map((ring, n) => followed(ring, shape.flat[n], change))
    if (after.every((ring, n) => ring === shape.flat[n])) return []
    return [{ id: shape.id, before: shape.flat, after, box: joined([shape.box, boxOf(after[0])]) }]
  })
}

function followed(ring, flat, { moves, inserts }) {
  let same = true
  const after = []
  ring.forEach((lonlat, at) => {
    const key = keyOf(lonlat)
    const to = moves.get(key)
    same &&= to === undefined
    after.push(...(to ?? [flat[2 * at], flat[2 * at + 1]]))
    if (at + 1 === ring.length) return
    const next = keyOf(ring[at + 1])
    for (const { from, to: end, through } of inserts) {
      const forth = from === key && end === next
      if (!forth && !(from === next && end === key)) continue
      same = false
      after.push(...(forth ? through : [...through].reverse()).flat())
    }
  })
  return same ? flat : after
}

/**
 * Which buildings change hands, and which are cut.
 * @param {ReturnType<typeof redrawn>} changed
 * @param {import('./ground-things.js').Building[]} buildings
 * @returns {{ moved: object[], cut: object[], households: Map<string, number>, total: number }}  `households`: what each grid
 *   wins, or loses when negative
 */
export function reckon(changed, buildings) {
  const households = new Map(changed.map(({ id }) => [id, 0]))
  const [moved, cut] = [[], []]
  let total = 0
  const box = changed.length ? joined(changed.map((one) => one.box)) : [0, 0, 0, 0]
  const lines = linesOf(changed).fresh.map((flat) => [flat.slice(0, 2), flat.slice(2)])
  for (const building of buildings) {
    if (!meet(building.box, box)) continue
    if (isCut(building, lines)) cut.push(building)
    const from = changed.find(({ before }) => within(before, building.inner))
    const to = changed.find(({ after }) => within(after, building.inner))
    if (!from || !to || from === to) continue
    moved.push(building)
    total += building.households
    households.set(from.id, households.get(from.id) - building.households)
    households.set(to.id, households.get(to.id) + building.households)
  }
  return { moved, cut, households, total }
}

/**
 * Edges that the change makes, and those that it ends, each as a flat line.
 * @param {ReturnType<typeof redrawn>} changed
 * @returns {{ fresh: number[][], gone: number[][] }}
 */
export function linesOf(changed) {
  const [was, is] = ['before', 'after'].map((side) => new Map(changed.flatMap((one) => one[side].flatMap(namedEdges))))
  const only = (some, others) => [...some].filter(([name]) => !others.has(name)).map(([, edge]) => edge)
  return { fresh: only(is, was), gone: only(was, is) }
}

const nameOf = (...ends) => ends.map((xy) => xy.map((c) => c.toFixed(3)).join()).sort().join(' ')

function namedEdges(ring) {
  const points = pairs(ring)
  return points.slice(1).map((point, at) => [nameOf(points[at], point), [...points[at], ...point]])
}

/** @param {{ ring: number[], box: number[] }} building @param {number[][][]} lines  segments */
export function isCut({ ring, box }, lines) {
  const walls = pairs(ring)
  return lines.some((line) => {
    const own = [Math.min(line[0][0], line[1][0]), Math.min(line[0][1], line[1][1]), Math.max(line[0][0], line[1][0]), Math.max(line[0][1], line[1][1])]
    if (!meet(own, box)) return false
    return walls.some((wall, at) => at + 1 < walls.length && cross(line, [wall, walls[at + 1]]))
  })
}

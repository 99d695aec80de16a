/** The street block under the hand: the part of a grid that streets and the grid's own border shut in. */
import { meet, onSegment, pairs, within } from './shapes.js'
import { crossing } from './street-line.js'

/** A street that ends this near to the border was meant to reach it; EPSG:3857 metres. */
const REACH_M = 1.5
const DIGITS = 3

/**
 * @param {import('./shapes.js').Shape} shape
 * @param {import('./ground-things.js').Street[]} streets
 * @param {number[]} xy  inside of the shape
 * @returns {number[][]|null}  closed ring, EPSG:3857
 */
export function blockAt(shape, streets, xy) {
  const rim = shape.flat.flatMap(segmentsOf)
  const ways = streets.filter(({ box }) => meet(box, shape.box, REACH_M)).flatMap(({ flat }) => segmentsOf(reaching(flat, rim)))
  const edges = noded([...rim.map((segment) => ({ segment, rim: true })), ...ways.map((segment) => ({ segment, rim: false }))], shape)
  const faces = facesOf(pruned(edges))
  const holding = faces.filter((ring) => within([ring.flat()], xy))
  return holding.sort((one, other) => sizeOf(one) - sizeOf(other))[0] ?? null
}

function segmentsOf(flat) {
  const points = pairs(flat)
  return points.slice(1).map((point, at) => [...points[at], ...point])
}

/** A street with ends that lie beside the border put on it. */
function reaching(flat, rim) {
  const points = pairs(flat)
  for (const at of [0, points.length - 1]) {
    for (const [x0, y0, x1, y1] of rim) {
      const { xy, distance } = onSegment([x0, y0], [x1, y1], points[at])
      if (distance < REACH_M) points[at] = xy
    }
  }
  return points.flat()
}

/** Edges between all crossings; of streets only what runs inside of the shape. */
function noded(lines, shape) {
  const edges = new Map()
  lines.forEach(({ segment, rim }, n) => {
    const [x0, y0, x1, y1] = segment
    const shares = [0, 1]
    lines.forEach(({ segment: other }, m) => {
      if (m === n) return
      const share = crossing(segment, other)
      if (share !== null) shares.push(share)
      // Corners that lie on this line without crossing it.
      for (const end of [other.slice(0, 2), other.slice(2)]) {
        const { distance, along } = onSegment([x0, y0], [x1, y1], end)
        if (distance < 10 ** -DIGITS) shares.push(along)
      }
    })
    const points = [...new Set(shares)].sort((one, other) => one - other).map((share) => nodeOf([x0 + share * (x1 - x0), y0 + share * (y1 - y0)]))
    for (let at = 0; at + 1 < points.length; at += 1) {
      const [one, other] = [points[at], points[at + 1]]
      if (one === other) continue
      const [a, b] = [placeOf(one), placeOf(other)]
      if (!rim && !within(shape.flat, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2])) continue
      edges.set([one, other].sort().join(' '), [one, other])
    }
  })
  return [...edges.values()]
}

const nodeOf = ([x, y]) => `${x.toFixed(DIGITS)},${y.toFixed(DIGITS)}`
const placeOf = (node) => node.split(',').map(Number)

/** Without streets that end blind, and those that hang on them. */
function pruned(edges) {
  for (let left = edges; ; ) {
    const degree = new Map()
    for (const node of left.flat()) degree.set(node, (degree.get(node) ?? 0) + 1)
    const kept = left.filter((edge) => edge.every((node) => degree.get(node) > 1))
    if (kept.length === left.length) return kept
    left = kept
  }
}

/** Every face that edges shut in: at each node the next edge to the right is taken. */
function facesOf(edges) {
  const out = new Map()
  for (const [one, other] of [...edges, ...edges.map(([a, b]) => [b, a])]) {
    const [[x0, y0], [x1, y1]] = [placeOf(one), placeOf(other)]
    out.set(one, [...(out.get(one) ?? []), { to: other, angle: Math.atan2(y1 - y0, x1 - x0) }])
  }
  for (const ways of out.values()) ways.sort((one, other) => one.angle - other.angle)
  const used = new Set()
  const faces = []
  for (const [from, ways] of out) {
    for (const { to } of ways) {
      const ring = walk(from, to, out, used)
      if (ring && signed(ring) > 0) faces.push(ring)
    }
  }
  return faces
}

function walk(from, to, out, used) {
  const ring = [placeOf(from)]
  let [here, next] = [from, to]
  while (!used.has(`${here} ${next}`)) {
    used.add(`${here} ${next}`)
    ring.push(placeOf(next))
    const ways = out.get(next)
    const back = ways.findIndex((way) => way.to === here)
    const turn = ways[(back + ways.length - 1) % ways.length]
    ;[here, next] = [next, turn.to]
  }
  return ring.length > 3 ? ring : null
}

const signed = (ring) => ring.slice(1).reduce((sum, [x, y], at) => sum + ring[at][0] * y - x * ring[at][1], 0) / 2
const sizeOf = (ring) => Math.abs(signed(ring))

/** The line that a street lends to a split: as far as it runs through a grid. */
import { keyOf } from './borders.js'
import { onSegment, pairs } from './shapes.js'

/** So far over the border it goes, that it surely crosses; EPSG:3857 metres. */
const OVER_M = 0.5

/**
 * @param {import('./ground-things.js').Street} street  that was clicked
 * @param {import('./ground-things.js').Street[]} streets  its other pieces among them
 * @param {import('./shapes.js').Shape} shape
 * @param {number[]} xy  where, inside of the shape
 * @returns {number[][]|null}  from border to border; a street that ends inside is drawn on straight
 */
export function streetThrough(street, streets, shape, xy) {
  const line = whole(street, streets)
  let [best, least] = [0, Infinity]
  for (let at = 0; at + 1 < line.length; at += 1) {
    const { distance } = onSegment(line[at], line[at + 1], xy)
    if (distance < least) [best, least] = [at, distance]
  }
  if (least === Infinity) return null
  const { xy: middle } = onSegment(line[best], line[best + 1], xy)
  const onwards = runOut([middle, ...line.slice(best + 1)], shape)
  const back = runOut([middle, ...line.slice(0, best + 1).reverse()], shape)
  return [...back.slice(1).reverse(), ...onwards.slice(1)].filter((point, at, all) => !at || point.join() !== all[at - 1].join())
}

/** A street with the pieces of the same name that go on from its ends. */
function whole(street, streets) {
  let lonlats = street.lonlats
  let points = pairs(street.flat)
  const left = new Set(streets.filter((other) => other !== street && other.name !== null && other.name === street.name))
  for (let grown = true; grown; ) {
    grown = false
    for (const other of left) {
      const more = joinedTo(lonlats, points, other)
      if (!more) continue
      ;[lonlats, points] = more
      left.delete(other)
      grown = true
    }
  }
  return points
}

function joinedTo(lonlats, points, { lonlats: others, flat }) {
  const [first, last] = [keyOf(lonlats[0]), keyOf(lonlats[lonlats.length - 1])]
  const [begin, end] = [keyOf(others[0]), keyOf(others[others.length - 1])]
  const more = pairs(flat)
  if (last === begin) return [[...lonlats, ...others.slice(1)], [...points, ...more.slice(1)]]
  if (last === end) return [[...lonlats, ...[...others].reverse().slice(1)], [...points, ...[...more].reverse().slice(1)]]
  if (first === end) return [[...others, ...lonlats.slice(1)], [...more, ...points.slice(1)]]
  if (first === begin) return [[...[...others].reverse(), ...lonlats.slice(1)], [...[...more].reverse(), ...points.slice(1)]]
  return null
}

/** From a point inside along a line until just over the border. */
function runOut(line, shape) {
  const found = [line[0]]
  for (let at = 0; at + 1 < line.length; at += 1) {
    const out = exit(line[at], line[at + 1], shape)
    if (out) return [...found, out]
    found.push(line[at + 1])
  }
  const [[x0, y0], [x1, y1]] = line.length > 1 ? line.slice(-2) : [line[0], line[0]]
  const length = Math.hypot(x1 - x0, y1 - y0)
  if (!length) return found
  const far = Math.hypot(shape.box[2] - shape.box[0], shape.box[3] - shape.box[1])
  const out = exit([x1, y1], [x1 + ((x1 - x0) / length) * far, y1 + ((y1 - y0) / length) * far], shape)
  return out ? [...found, out] : found
}

/** Where a segment first leaves a shape, and a little on. */
function exit([x0, y0], [x1, y1], { flat }) {
  let first = null
  const length = Math.hypot(x1 - x0, y1 - y0)
  for (const ring of flat) {
    for (let at = 0; at + 3 < ring.length; at += 2) {
      const share = crossing([x0, y0, x1, y1], ring.slice(at, at + 4))
      if (share !== null && share * length > 1e-6 && (first === null || share < first)) first = share
    }
  }
  if (first === null) return null
  const on = first + OVER_M / length
  return [x0 + on * (x1 - x0), y0 + on * (y1 - y0)]
}

/** @returns {number|null} the share of the first segment at which the second crosses it */
export function crossing([ax, ay, bx, by], [cx, cy, dx, dy]) {
  const [ux, uy, vx, vy] = [bx - ax, by - ay, dx - cx, dy - cy]
  const area = ux * vy - uy * vx
  if (area === 0) return null
  const share = ((cx - ax) * vy - (cy - ay) * vx) / area
  const other = ((cx - ax) * uy - (cy - ay) * ux) / area
  return share >= 0 && share <= 1 && other >= 0 && other <= 1 ? share : null
}

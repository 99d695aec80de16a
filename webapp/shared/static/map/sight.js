// What a camera sees from where it stands, and what houses hide from it.

const RAYS = 64

/**
 * @typedef {{x: number, y: number, headingDeg: number, fovDeg: number, range: number}} Eye
 * A camera in EPSG:3857; heading clockwise from north, range in metres of EPSG:3857.
 */

/**
 * Cut a camera's cone by the walls around it.
 * @param {Eye} eye
 * @param {number[][]} rings  footprints, flat closed rings in EPSG:3857
 * @returns {{cone: number[][], seen: number[][], hidden: number[][][]}}  rings: the whole cone, what is seen, what is not
 */
export function lookAround(eye, rings) {
  const walls = nearWalls(eye, rings)
  const tips = []
  const edge = []
  for (let at = 0; at <= RAYS; at += 1) {
    const bearing = ((eye.headingDeg - eye.fovDeg / 2 + (at * eye.fovDeg) / RAYS) * Math.PI) / 180
    const [dx, dy] = [Math.sin(bearing), Math.cos(bearing)]
    const reach = firstHit(eye, dx, dy, walls)
    tips.push([eye.x + dx * eye.range, eye.y + dy * eye.range])
    edge.push([eye.x + dx * reach, eye.y + dy * reach, reach < eye.range * 0.999])
  }
  const here = [eye.x, eye.y]
  const plain = ([x, y]) => [x, y]
  return { cone: [here, ...tips, here], seen: [here, ...edge.map(plain), here], hidden: shadows(edge, tips).map((ring) => ring.map(plain)) }
}

/** Walls within range, as flat [x0, y0, x1, y1]. A house around the camera itself carries it and hides nothing. */
function nearWalls({ x, y, range }, rings) {
  const walls = []
  for (const ring of rings) {
    if (holds(ring, x, y)) continue
    for (let at = 0; at + 3 < ring.length; at += 2) {
      const [x0, y0, x1, y1] = [ring[at], ring[at + 1], ring[at + 2], ring[at + 3]]
      if (Math.min(x0, x1) > x + range || Math.max(x0, x1) < x - range) continue
      if (Math.min(y0, y1) > y + range || Math.max(y0, y1) < y - range) continue
      walls.push([x0, y0, x1, y1])
    }
  }
  return walls
}

function firstHit({ x, y, range }, dx, dy, walls) {
  let reach = range
  for (const [x0, y0, x1, y1] of walls) {
    const [ex, ey] = [x1 - x0, y1 - y0]
    const cross = dx * ey - dy * ex
    if (cross === 0) continue
    const along = ((x0 - x) * ey - (y0 - y) * ex) / cross
    const share = ((x0 - x) * dy - (y0 - y) * dx) / cross
    if (along > 0 && along < reach && share >= 0 && share <= 1) reach = along
  }
  return reach
}

/** One ring for each run of rays that stop short: along the wall, back along the far rim. */
function shadows(edge, tips) {
  const rings = []
  let run = []
  const close = () => {
    if (run.length > 1) rings.push([...run.map((at) => edge[at]), ...run.map((at) => tips[at]).reverse(), edge[run[0]]])
    run = []
  }
  edge.forEach(([, , blocked], at) => (blocked ? run.push(at) : close()))
  close()
  return rings
}

/** @param {number[]} ring  flat, closed @param {number} x @param {number} y @returns {boolean} whether the point lies inside */
export function holds(ring, x, y) {
  let inside = false
  for (let at = 0; at + 3 < ring.length; at += 2) {
    const [x0, y0, x1, y1] = [ring[at], ring[at + 1], ring[at + 2], ring[at + 3]]
    if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside
  }
  return inside
}

/** @param {number[]} ring  flat @returns {number[]} west, south, east, north */
export function boxOf(ring) {
  const box = [Infinity, Infinity, -Infinity, -Infinity]
  for (let at = 0; at < ring.length; at += 2) {
    box[0] = Math.min(box[0], ring[at])
    box[1] = Math.min(box[1], ring[at + 1])
    box[2] = Math.max(box[2], ring[at])
    box[3] = Math.max(box[3], ring[at + 1])
  }
  return box
}

/**
 * Rings of a tile's polygon.
 * @param {import('../../vendor/ol.js').RenderFeature} feature
 * @returns {number[][]}  flat closed rings in EPSG:3857
 */
export function ringsOf(feature) {
  const flat = feature.getFlatCoordinates()
  let start = 0
  return feature.getEnds().flat().map((end) => {
    const ring = flat.slice(start, end)
    start = end
    return ring
  })
}

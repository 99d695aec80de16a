// Which grid holds a point, exactly, without a server: the same answers as the database's and the index's. On a shared
// border the lowest id wins. Degrees in WGS 84, longitude first.

// Above this share of its terms a determinant of rounded numbers has the right sign (Shewchuk 1997, orient2d).
const SURE = 3.3306690738754716e-16

/**
 * @typedef {{id: number, geometry: {type: 'Polygon'|'MultiPolygon', coordinates: any[]}}} Grid
 * A grid with its shape as GeoJSON.
 */

/**
 * Make a function that locates points among grids.
 * @param {Grid[]} grids  in any order
 * @returns {(lon: number, lat: number) => {grid: number|null, status: 'inside'|'edge'|'outside'}}
 *   the lowest id of the grids that hold the point inside or on their border, and `edge` if it is on the border of any
 */
export function makeLocator(grids) {
  const ready = grids.map(prepare).sort((a, b) => a.id - b.id)
  return (lon, lat) => {
    let grid = null
    for (const candidate of ready) {
      if (lon < candidate.west || lon > candidate.east || lat < candidate.south || lat > candidate.north) continue
      const side = sideOf(candidate.rings, lon, lat)
      if (side < 0) continue
      grid ??= candidate.id
      if (side === 0) return { grid, status: 'edge' }
    }
    return { grid, status: grid === null ? 'outside' : 'inside' }
  }
}

/** A grid's rings as flat arrays, holes among them: for counting crossings they are all alike. */
function prepare({ id, geometry }) {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  const rings = polygons.flat().map((ring) => Float64Array.from(ring.flatMap(([lon, lat]) => [lon, lat])))
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const ring of rings) {
    for (let at = 0; at < ring.length; at += 2) {
      west = Math.min(west, ring[at])
      east = Math.max(east, ring[at])
      south = Math.min(south, ring[at + 1])
      north = Math.max(north, ring[at + 1])
    }
  }
  return { id, rings, west, south, east, north }
}

/** 1 inside, 0 on the border, -1 outside; by counting the edges east of the point. */
function sideOf(rings, x, y) {
  let inside = false
  for (const ring of rings) {
    for (let at = 0; at + 3 < ring.length; at += 2) {
      const [x0, y0, x1, y1] = [ring[at], ring[at + 1], ring[at + 2], ring[at + 3]]
      if ((y0 < y && y1 < y) || (y0 > y && y1 > y) || (x0 < x && x1 < x)) continue
      const turn = turnOf(x0, y0, x1, y1, x, y)
      if (turn === 0 && x >= Math.min(x0, x1) && x <= Math.max(x0, x1)) return 0
      if (y0 > y !== y1 > y && y1 > y0 === turn > 0) inside = !inside
    }
  }
  return inside ? 1 : -1
}

/** Whether p lies left (1), right (-1) or on (0) the line from a to b: the sign is exact for any doubles. */
function turnOf(ax, ay, bx, by, px, py) {
  const left = (ax - px) * (by - py)
  const right = (ay - py) * (bx - px)
  const turn = left - right
  if (Math.abs(turn) > SURE * (Math.abs(left) + Math.abs(right))) return Math.sign(turn)
  return exactTurn(ax, ay, bx, by, px, py)
}

/** The same with whole numbers of any length; asked for points on a line, or as near as doubles get. */
function exactTurn(...numbers) {
  const parts = numbers.map(split)
  const least = Math.min(...parts.map(([, exponent]) => exponent))
  const [ax, ay, bx, by, px, py] = parts.map(([whole, exponent]) => whole << BigInt(exponent - least))
  const turn = (ax - px) * (by - py) - (ay - py) * (bx - px)
  return turn > 0n ? 1 : turn < 0n ? -1 : 0
}

/** A double as a whole number and the power of two it is multiplied with. */
function split(number) {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, number)
  const high = bits.getUint32(0)
  const biased = (high >>> 20) & 0x7ff
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(bits.getUint32(4))
  const whole = biased ? fraction | (1n << 52n) : fraction
  return [high >>> 31 ? -whole : whole, Math.max(biased, 1) - 1075]
}

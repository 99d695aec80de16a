/** The ground as the phone keeps it: which grid is here, whose is it, how far is that. By the server's own rule. */
import { makeLocator } from '../shared/geo/locate.js'

const EARTH_M = 6_371_008.8
const RAD = Math.PI / 180
/** The server locates by coordinates of 9 decimals, and so does the phone. */
const DECIMALS = 9

/**
 * @typedef {object} Ground
 * @property {object[]} own  the reader's grids, by their code
 * @property {object[]} around  the other grids that are kept
 * @property {boolean} whole  whether the kept grids are all of the district
 * @property {[number, number, number, number]|null} bounds  west, south, east, north of the own grids, degrees
 * @property {(lon: number, lat: number) => object|null} gridAt  one of the kept grids
 */

/**
 * Make the kept boundaries ready to be asked.
 * @param {{ grids: object[], district: object|null }} patrol
 * @returns {Ground}
 */
export function makeGround({ grids, district }) {
  const byId = new Map(grids.map((grid) => [grid.id, grid]))
  const locate = makeLocator(grids)
  const own = grids.filter(({ mine }) => mine).sort((a, b) => a.code.localeCompare(b.code))
  const n = district ? Object.values(district.counts).reduce((sum, count) => sum + count, 0) : 0
  return {
    own,
    around: grids.filter(({ mine }) => !mine),
    whole: grids.length >= n,
    bounds: boundsOf(own),
    gridAt: (lon, lat) => byId.get(locate(round(lon), round(lat)).grid) ?? null,
  }
}

const round = (degrees) => Number(degrees.toFixed(DECIMALS))

function boundsOf(grids) {
  const corners = grids.flatMap(({ geometry }) => geometry.coordinates.flat(geometry.type === 'Polygon' ? 1 : 2))
  if (!corners.length) return null
  const lons = corners.map(([lon]) => lon)
  const lats = corners.map(([, lat]) => lat)
  // Spreading an array of many thousands into Math.min would be one argument each.
  const least = (numbers) => numbers.reduce((a, b) => Math.min(a, b))
  const most = (numbers) => numbers.reduce((a, b) => Math.max(a, b))
  return [least(lons), least(lats), most(lons), most(lats)]
}

/**
 * Metres between two places on the sphere: right to half a percent, which is finer than any fix.
 * @param {{ lon: number, lat: number }} a @param {{ lon: number, lat: number }} b  degrees
 */
export function metresBetween(a, b) {
  const half = (degrees) => Math.sin((degrees * RAD) / 2) ** 2
  const h = half(b.lat - a.lat) + Math.cos(a.lat * RAD) * Math.cos(b.lat * RAD) * half(b.lon - a.lon)
  return 2 * EARTH_M * Math.asin(Math.sqrt(h))
}

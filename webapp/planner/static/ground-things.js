/** Streets, buildings and institutions in view: what a line is drawn to, what is clicked, and where the households live. */
import { project, unproject } from '../shared/map/scale.js'
import { boxOf } from '../shared/map/sight.js'
import { nameOf } from '../shared/words.js'
import { around, meet, onSegment, pairs, within } from './shapes.js'

/** They are fetched by squares of this size, for the server gives only so many at once. */
const SQUARE_DEG = 0.01
/** What people live in, as the server counts it; other sites are institutions with their ground. */
const HOUSES = ['building', 'village_house']

/**
 * @typedef {{ id: string, name: string|null, flat: number[], lonlats: number[][], box: number[] }} Street
 * @typedef {{ id: string, kind: string, name: string|null, households: number, ring: number[], lonlats: number[][], box: number[],
 *   inner: number[] }} Site  `inner`: the grid that holds this point has the site
 */

/** @param {object} api @param {{ onChange: () => void, onProblem: (error: Error) => void }} ears */
export function createGroundThings(api, { onChange, onProblem }) {
  let plan = null
  let squares = new Set()
  let streets = new Map()
  let sites = new Map()

  const fetchSquare = async (column, row) => {
    const asked = squares
    const name = `${column} ${row}`
    if (asked.has(name)) return
    asked.add(name)
    const bbox = [column, row, column + 1, row + 1].map((n) => (n * SQUARE_DEG).toFixed(2)).join()
    try {
      const { features } = await api.get(`/plans/${plan}/snap`, { bbox })
      if (asked !== squares) return
      for (const feature of features) {
        const known = feature.geometry.type.endsWith('LineString') ? streets : sites
        if (!known.has(feature.id)) known.set(feature.id, known === streets ? streetsOf(feature) : sitesOf(feature))
      }
      all = null
      onChange()
    } catch (error) {
      asked.delete(name)
      if (error.status === undefined) throw error
      onProblem(error)
    }
  }
  /** Lists of them all, made anew when more have come. */
  let all = null
  const listed = () => {
    all ??= sorted([...streets.values()].flat(), [...sites.values()].flat())
    return all
  }

  return {
    open(id) {
      plan = id
      squares = new Set()
      streets = new Map()
      sites = new Map()
      all = null
    },
    /** @param {number[]} extent  EPSG:3857 @returns {Promise<void>} */
    async see([west, south, east, north]) {
      if (!plan) return
      const [[w, s], [e, n]] = [unproject([west, south]), unproject([east, north])].map((place) => place.map((degrees) => Math.floor(degrees / SQUARE_DEG)))
      const wanted = []
      for (let column = w; column <= e; column += 1) for (let row = s; row <= n; row += 1) wanted.push(fetchSquare(column, row))
      await Promise.all(wanted)
    },
    streets: () => listed().streets,
    buildings: () => listed().buildings,
    buildingAt: (xy) => listed().buildings.find((building) => covers(building, xy)),
    /** The institution whose ground holds a place; of several the smallest. */
    institutionAt: (xy) => listed().institutions.filter((site) => covers(site, xy)).sort((one, other) => extentOf(one) - extentOf(other))[0],
    institutions: () => listed().institutions,
    /** @returns {Street|undefined} the nearest street within reach */
    streetAt(xy, reach) {
      let best
      let least = reach
      for (const street of listed().streets) {
        if (!meet(street.box, around(xy, reach))) continue
        const distance = toLine(street.flat, xy)
        if (distance < least) [best, least] = [street, distance]
      }
      return best
    },
  }
}

const covers = ({ box, ring }, xy) => meet(box, around(xy, 0)) && within([ring], xy)
const extentOf = ({ box: [west, south, east, north] }) => (east - west) * (north - south)

function sorted(streets, all) {
  const lived = (site) => HOUSES.includes(site.kind)
  return { streets, buildings: all.filter(lived), institutions: all.filter((site) => !lived(site)) }
}

function toLine(flat, xy) {
  const points = pairs(flat)
  let least = Infinity
  for (let at = 0; at + 1 < points.length; at += 1) least = Math.min(least, onSegment(points[at], points[at + 1], xy).distance)
  return least
}

const flatOf = (lonlats) => lonlats.flatMap(([lon, lat]) => project(lon, lat))

function streetsOf({ id, properties, geometry: { type, coordinates } }) {
  const lines = type === 'LineString' ? [coordinates] : coordinates
  return lines.map((lonlats) => {
    const flat = flatOf(lonlats)
    return { id: String(id), name: nameOf(properties) ?? null, flat, lonlats, box: boxOf(flat) }
  })
}

/** A site that has several parts is known by its first. */
function sitesOf({ id, properties, geometry: { type, coordinates } }) {
  const polygons = type === 'Polygon' ? [coordinates] : coordinates
  return polygons.slice(0, 1).map(([lonlats]) => {
    const ring = flatOf(lonlats)
    const { kind, households, inside } = properties
    return { id: String(properties.id ?? id), kind, name: nameOf(properties) ?? null, households: households ?? 0, ring, lonlats, box: boxOf(ring), inner: project(...inside) }
  })
}

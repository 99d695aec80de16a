// Metres, pixels and zoom levels. The view is EPSG:3857, whose metre is longer than a metre on the ground.

const RADIUS_M = 6378137
const WIDEST = (2 * Math.PI * RADIUS_M) / 256

/** @param {number} resolution  EPSG:3857 metres a pixel @returns {number} zoom level, 256 px to a tile */
export const zoomOf = (resolution) => Math.log2(WIDEST / resolution)

/** @param {number} lat  degrees @returns {number} EPSG:3857 metres to a metre on the ground */
export const stretchAt = (lat) => 1 / Math.cos((lat * Math.PI) / 180)

/** @param {number} lon @param {number} lat  degrees @returns {[number, number]} EPSG:3857 metres */
export function project(lon, lat) {
  const y = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360))
  return [(lon * Math.PI * RADIUS_M) / 180, y * RADIUS_M]
}

/** @param {number[]} xy  EPSG:3857 metres @returns {[number, number]} longitude and latitude in degrees */
export function unproject([x, y]) {
  const lat = 2 * Math.atan(Math.exp(y / RADIUS_M)) - Math.PI / 2
  return [((x / RADIUS_M) * 180) / Math.PI, (lat * 180) / Math.PI]
}

/**
 * Make something once for each resolution; zoom levels are few, features are many.
 * @template T
 * @param {(resolution: number) => T} make
 * @returns {(resolution: number) => T}
 */
export function perResolution(make) {
  const made = new Map()
  return (resolution) => {
    let one = made.get(resolution)
    if (one === undefined) {
      if (made.size > 16) made.clear()
      one = make(resolution)
      made.set(resolution, one)
    }
    return one
  }
}

const ROUND = [1, 2, 5]
const WIDEST_PX = 120

/**
 * The longest round length that fits a scale bar, true at the middle of the map.
 * @param {{centre: number[], zoom: number}} view
 * @returns {{metres: number, px: number}}
 */
export function scaleOf({ centre, zoom }) {
  const metresPerPx = WIDEST / 2 ** zoom / stretchAt(centre[1])
  const most = metresPerPx * WIDEST_PX
  const power = 10 ** Math.floor(Math.log10(most))
  const metres = Math.max(...ROUND.map((n) => n * power).filter((n) => n <= most))
  return { metres, px: Math.round(metres / metresPerPx) }
}

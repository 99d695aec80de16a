/** Small maps in panels: outlines fitted into a box, north up. */

export const SIZE = { width: 116, height: 84, margin: 6 }

/**
 * The way from degrees to a small map that holds all of some polygons, metres alike in both directions.
 * @param {object[]} polygons  GeoJSON polygons
 * @param {{ width: number, height: number, margin: number }} [size]
 * @returns {(polygon: object) => string}  a polygon as the path of an SVG
 */
export function fitted(polygons, size = SIZE) {
  const points = polygons.flatMap(({ coordinates }) => coordinates.flat())
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]))
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const scale = Math.min((size.width - 2 * size.margin) / ((east - west) * narrow), (size.height - 2 * size.margin) / (north - south))
  const left = (size.width - (east - west) * narrow * scale) / 2
  const top = (size.height - (north - south) * scale) / 2
  const place = ([x, y]) => `${(left + (x - west) * narrow * scale).toFixed(1)} ${(top + (north - y) * scale).toFixed(1)}`
  return ({ coordinates }) => coordinates.map((ring) => `M${ring.map(place).join('L')}Z`).join('')
}

/** The box around some features. */

/** @returns {number[]} west, south, east, north of some features, degrees */
export function boundsOf(features) {
  const box = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [lon, lat] of features.flatMap(({ geometry }) => cornersOf(geometry))) {
    box[0] = Math.min(box[0], lon)
    box[1] = Math.min(box[1], lat)
    box[2] = Math.max(box[2], lon)
    box[3] = Math.max(box[3], lat)
  }
  return box
}

const cornersOf = ({ type, coordinates }) => coordinates.flat(type === 'Polygon' ? 1 : 2)

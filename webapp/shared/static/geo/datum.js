// GCJ-02 and BD-09, the shifted datums of Chinese web maps, and WGS 84: the same formulas as geodata/datum.py, and the
// same answers within a billionth of a degree. Degrees in and out, longitude first.

const A = 6378245.0 // Krasovsky's ellipsoid, on which the shift was fitted
const E2 = 0.00669342162296594323
const X = (3000 * Math.PI) / 180
const INVERSE_STEPS = 4 // 4.9 m, 31 mm, 0.2 mm, under 2 micrometres
const [WEST, EAST, SOUTH, NORTH] = [72.004, 137.8347, 0.8293, 55.8271]

export const DATUMS = ['wgs84', 'gcj02', 'bd09', 'cgcs2000']

/** How far a converted point may be off, one sigma, in metres: add it to the error of the point. */
export const CONVERSION_SIGMA_M = 0.7

/**
 * Bring a position of a named datum to WGS 84.
 * @param {number} lon  degrees in `datum`
 * @param {number} lat
 * @param {string} datum  one of `DATUMS`; `wgs84` and `cgcs2000` stay as they are
 * @returns {[number, number]}  longitude and latitude in WGS 84
 */
export function toWgs84(lon, lat, datum) {
  if (datum === 'wgs84' || datum === 'cgcs2000') return [lon, lat]
  if (datum === 'gcj02') return inverse(wgs84ToGcj02, lon, lat)
  if (datum === 'bd09') return inverse(wgs84ToGcj02, ...inverse(gcj02ToBd09, lon, lat))
  throw new RangeError(`${datum} is no datum we know; known are ${DATUMS.join(', ')}.`)
}

/**
 * Shift a WGS 84 position to GCJ-02; outside China's rectangle the shift is zero.
 * @param {number} lon
 * @param {number} lat
 * @returns {[number, number]}
 */
export function wgs84ToGcj02(lon, lat) {
  if (!(lon >= WEST && lon <= EAST && lat >= SOUTH && lat <= NORTH)) return [lon, lat]
  const [east, north] = shift(lon - 105, lat - 35)
  const radians = (lat * Math.PI) / 180
  const slope = 1 - E2 * Math.sin(radians) ** 2
  const dlat = (180 * north) / (((A * (1 - E2)) / slope ** 1.5) * Math.PI)
  const dlon = (180 * east) / ((A / Math.sqrt(slope)) * Math.cos(radians) * Math.PI)
  return [lon + dlon, lat + dlat]
}

/**
 * Shift a GCJ-02 position to BD-09.
 * @param {number} lon
 * @param {number} lat
 * @returns {[number, number]}
 */
export function gcj02ToBd09(lon, lat) {
  const reach = Math.hypot(lon, lat) + 2e-5 * Math.sin(lat * X)
  const angle = Math.atan2(lat, lon) + 3e-6 * Math.cos(lon * X)
  return [reach * Math.cos(angle) + 0.0065, reach * Math.sin(angle) + 0.006]
}

/** Metres east and north before the ellipsoid, from degrees off 105 E and 35 N. */
function shift(x, y) {
  const wave = 20 * Math.sin(6 * Math.PI * x) + 20 * Math.sin(2 * Math.PI * x)
  const root = Math.sqrt(Math.abs(x))
  const north = -100 + 2 * x + 3 * y + 0.2 * y ** 2 + 0.1 * x * y + 0.2 * root
  const east = 300 + x + 2 * y + 0.1 * x ** 2 + 0.1 * x * y + 0.1 * root
  return [east + (2 / 3) * (wave + waves(x, 20, 40, 150, 300)), north + (2 / 3) * (wave + waves(y, 20, 40, 160, 320))]
}

function waves(t, first, third, twelfth, thirtieth) {
  const wave = (height, length) => height * Math.sin((Math.PI * t) / length)
  return wave(first, 1) + wave(third, 3) + wave(twelfth, 12) + wave(thirtieth, 30)
}

/** Find what `forward` would bring to the given position; the rectangle is tested on the candidate. */
function inverse(forward, lon, lat) {
  let [x, y] = [lon, lat]
  for (let step = 0; step < INVERSE_STEPS; step += 1) {
    const [east, north] = forward(x, y)
    x -= east - lon
    y -= north - lat
  }
  return [x, y]
}

/** What a JPEG says in its EXIF part of where it was taken; all else of it is the server's to read. */

const SOI = 0xffd8
const APP1 = 0xffe1
const SCAN = 0xffda
const EXIF = 0x45786966
const LITTLE = 0x4949
const GPS_POINTER = 0x8825
const TAG = { latRef: 1, lat: 2, lonRef: 3, lon: 4, errorM: 0x1f }
/** EXIF stands at the beginning, in one segment of at most 64 KiB. */
export const EXIF_WITHIN = 262_144

/**
 * Where a photo was taken.
 * @param {ArrayBuffer} buffer  the beginning of a JPEG
 * @returns {{ lon: number, lat: number, errorM: number|null }|null}  degrees WGS 84; null where it does not say
 */
export function photoSpot(buffer) {
  try {
    const segment = exifSegment(new DataView(buffer))
    return segment && spotIn(segment)
  } catch (error) {
    // A photo that is cut or lies about its lengths has no place to tell; the server judges the photo itself.
    if (error instanceof RangeError) return null
    throw error
  }
}

/** The TIFF part of the EXIF segment. */
function exifSegment(view) {
  if (view.getUint16(0) !== SOI) return null
  for (let at = 2; at + 10 < view.byteLength; ) {
    const [marker, length] = [view.getUint16(at), view.getUint16(at + 2)]
    if (marker === SCAN || marker < 0xff00) return null
    if (marker === APP1 && view.getUint32(at + 4) === EXIF) {
      return new DataView(view.buffer, at + 10, Math.min(length - 8, view.byteLength - at - 10))
    }
    at += 2 + length
  }
  return null
}

function spotIn(tiff) {
  const little = tiff.getUint16(0) === LITTLE
  const pointer = entriesOf(tiff, tiff.getUint32(4, little), little).get(GPS_POINTER)
  if (!pointer) return null
  const gps = entriesOf(tiff, tiff.getUint32(pointer.at + 8, little), little)
  const lat = degrees(tiff, gps.get(TAG.lat), gps.get(TAG.latRef), 'S', little)
  const lon = degrees(tiff, gps.get(TAG.lon), gps.get(TAG.lonRef), 'W', little)
  const error = gps.get(TAG.errorM) ? rational(tiff, tiff.getUint32(gps.get(TAG.errorM).at + 8, little), little) : NaN
  if (!(Math.abs(lat) <= 90 && Math.abs(lon) <= 180) || (lat === 0 && lon === 0)) return null
  return { lon, lat, errorM: error > 0 && error < 1e6 ? error : null }
}

/** The entries of a directory, by their tag. */
function entriesOf(tiff, start, little) {
  const entries = new Map()
  const n = Math.min(tiff.getUint16(start, little), 200)
  for (let i = 0; i < n; i += 1) {
    const at = start + 2 + 12 * i
    entries.set(tiff.getUint16(at, little), { at })
  }
  return entries
}

/** Degrees, minutes and seconds; NaN where one is missing. */
function degrees(tiff, entry, ref, negative, little) {
  if (!entry) return NaN
  const start = tiff.getUint32(entry.at + 8, little)
  const [whole, minutes, seconds] = [0, 8, 16].map((step) => rational(tiff, start + step, little))
  const sign = ref && String.fromCharCode(tiff.getUint8(ref.at + 8)) === negative ? -1 : 1
  return sign * (whole + minutes / 60 + seconds / 3600)
}

const rational = (tiff, at, little) => tiff.getUint32(at, little) / tiff.getUint32(at + 4, little)

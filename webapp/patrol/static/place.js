/** Places as a report may say them, each with how it was found and how far it may be off. Pure. */
import { metresBetween } from './ground.js'

/** A finger on a map is no finer than this, CSS pixels, and no pin finer than so many metres. */
const FINGER_PX = 12
const LEAST_PIN_M = 5
/** A camera that does not say how sure it is. */
const EXIF_M = 30
/** A photo from as near as this says nothing that the phone does not. */
const ELSEWHERE_M = 50

/** What is sent as the place: what was chosen, else where the phone is. */
export const placeOf = (chosen, fix) => chosen ?? (fix && { lon: fix.lon, lat: fix.lat, errorM: fix.errorM, method: 'gps' })

/**
 * A pin set by hand; the nearer the map, the surer the hand.
 * @param {{ lon: number, lat: number }} spot
 * @param {{ metresPerPixel: number }} view
 */
export const pinPlace = ({ lon, lat }, { metresPerPixel }) => ({
  lon,
  lat,
  errorM: Math.max(LEAST_PIN_M, Math.round(FINGER_PX * metresPerPixel)),
  method: 'pin',
})

/** Where a photo says it was taken. */
export const exifPlace = ({ lon, lat, errorM }) => ({ lon, lat, errorM: errorM ?? EXIF_M, method: 'exif' })

/**
 * The position of a photo that is worth offering: nothing was chosen yet, and the phone knows no place or quite another.
 * @returns {{ lon: number, lat: number, errorM: number|null }|null}
 */
export function offeredSpot(photos, chosen, fix) {
  if (chosen) return null
  const spot = photos.map((photo) => photo.spot).find(Boolean) ?? null
  return spot && (!fix || metresBetween(spot, fix) > ELSEWHERE_M + fix.errorM) ? spot : null
}

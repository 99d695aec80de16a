/**
 * Photos as the worker takes them.
 *
 * The original goes to the server as the phone made it: its time, position and direction are evidence that only the
 * server may strip, and it is sealed there. Only what is too large to be taken is made smaller here; then the place is
 * read before, since the smaller picture no longer tells it.
 */
import { EXIF_WITHIN, photoSpot } from './exif.js'

const MOST_BYTES = 15_000_000
/** What the server takes; anything else that the browser can draw is drawn anew. */
const TAKEN = ['image/jpeg', 'image/png', 'image/webp']
const LONG_SIDE_PX = 2560
const QUALITY = 0.85
export const MOST_PHOTOS = 10

/**
 * @typedef {{ blob: Blob, url: string, spot: { lon: number, lat: number, errorM: number|null }|null }} Photo
 *   `url` shows it on this page; `spot` is where it says it was taken
 */

/**
 * Make a file of the camera ready to be kept.
 * @param {File} file
 * @returns {Promise<Photo|null>}  null if it is none
 */
export async function takePhoto(file) {
  if (!file.type.startsWith('image/')) return null
  const spot = photoSpot(await file.slice(0, EXIF_WITHIN).arrayBuffer())
  const blob = file.size <= MOST_BYTES && TAKEN.includes(file.type) ? file : await redrawn(file)
  return blob && shownPhoto({ blob, spot })
}

/** A photo that this page shows, until it lets it go. @param {{ blob: Blob, spot: object|null }} photo @returns {Photo} */
export const shownPhoto = ({ blob, spot }) => ({ blob, spot, url: URL.createObjectURL(blob) })

/** The page shows it no longer. */
export const letGo = ({ url }) => URL.revokeObjectURL(url)

/** The same picture as a JPEG that is not too large; null if it cannot be drawn. */
async function redrawn(file) {
  const bitmap = await createImageBitmap(file).catch(ignoreUndrawable)
  if (!bitmap) return null
  const share = Math.min(1, LONG_SIDE_PX / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(bitmap.width * share)
  canvas.height = Math.round(bitmap.height * share)
  canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  return new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', QUALITY) })
}

function ignoreUndrawable(error) {
  if (error.name !== 'InvalidStateError') throw error
}

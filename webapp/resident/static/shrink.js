/** Make a photo small enough for a slow line; what a browser cannot open goes as it is. */
const SIDE_PX = 1920
const QUALITY = 0.85

/** @param {Blob} photo @returns {Promise<Blob>}  a JPEG without place, time or model of the phone, or the same blob */
export async function shrink(photo) {
  let picture
  try {
    picture = await createImageBitmap(photo, { imageOrientation: 'from-image' })
  } catch (error) {
    if (error instanceof DOMException) return photo
    throw error
  }
  const scale = Math.min(1, SIDE_PX / Math.max(picture.width, picture.height))
  const sheet = document.createElement('canvas')
  sheet.width = Math.max(1, Math.round(picture.width * scale))
  sheet.height = Math.max(1, Math.round(picture.height * scale))
  sheet.getContext('2d').drawImage(picture, 0, 0, sheet.width, sheet.height)
  picture.close()
  const small = await new Promise((resolve) => sheet.toBlob(resolve, 'image/jpeg', QUALITY))
  return small ?? photo
}

/** Hand a file to the phone to keep where its owner wants it. */

const READ_BY_MS = 20_000

/** @param {Blob} file @param {string} name */
export function saveFile(file, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), READ_BY_MS)
}

/** Files in one file, as PKWARE's APPNOTE 6.3.10 describes it; stored as they are, for photos are packed already. */

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
/** 2.0, the least that every reader knows. */
const VERSION = 20
/** Names are in UTF-8. */
const UTF8 = 0x0800
/** 1 January 1980, the first day that the format knows. */
const DAY = 0x0021

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1
  return rest
})

/** CRC-32 of the ISO/IEC 3309 polynomial. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let rest = 0xffffffff
  for (const byte of bytes) rest = (rest >>> 8) ^ TABLE[(rest ^ byte) & 0xff]
  return ~rest >>> 0
}

/**
 * @param {{ name: string, blob: Blob }[]} files
 * @returns {Promise<Blob>}
 */
export async function zip(files) {
  const parts = []
  const index = []
  let offset = 0
  for (const { name, blob } of files) {
    const title = new TextEncoder().encode(name)
    const sum = crc32(new Uint8Array(await blob.arrayBuffer()))
    const sizes = [[blob.size, 4], [blob.size, 4], [title.length, 2], [0, 2]]
    const facts = [[UTF8, 2], [0, 2], [0, 2], [DAY, 2], [sum, 4], ...sizes]
    const head = numbers([LOCAL, 4], [VERSION, 2], ...facts)
    parts.push(head, title, blob)
    const where = [[0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]]
    index.push(numbers([CENTRAL, 4], [VERSION, 2], [VERSION, 2], ...facts, ...where), title)
    offset += head.length + title.length + blob.size
  }
  const size = index.reduce((sum, part) => sum + part.length, 0)
  const end = numbers([END, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [size, 4], [offset, 4], [0, 2])
  return new Blob([...parts, ...index, end], { type: 'application/zip' })
}

/** Whole numbers of so many bytes each, the least significant first. @param {...[number, number]} values */
function numbers(...values) {
  const bytes = new Uint8Array(values.reduce((sum, [, width]) => sum + width, 0))
  let at = 0
  for (const [value, width] of values) {
    for (let n = 0; n < width; n += 1) bytes[at + n] = (value >>> (8 * n)) & 0xff
    at += width
  }
  return bytes
}

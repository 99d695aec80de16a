/** Photos of an item: kept in sealed pieces, sent in pieces, so that nothing large is ever held at once. */
import { Problem } from '../../shared/api.js'
import { t } from '../../shared/i18n.js'
import { QueueProblem } from './problem.js'
import { fingerprint } from './vault.js'

/** Of one piece, kept and sent. */
export const PIECE_BYTES = 512 * 1024
const LEAST_BYTES = 32 * 1024
const THUMB_PX = 112
const THUMB_QUALITY = 0.7

/**
 * @typedef {{ sha256: string, role: 'evidence'|'before'|'after', type: string, size: number }} Photo
 */

/** Where a piece lies. */
const place = (account, id, photo, piece) => `${account}/${id}/${photo}/${piece}`

/**
 * Keep one photo of an item.
 * @param {{ store: import('./store.js').Store, vault: import('./vault.js').Vault, account: number }} keep
 * @param {string} id
 * @param {number} n  which photo of the item
 * @param {import('./ledger.js').Taken} taken
 * @returns {Promise<Photo>}
 */
export async function keepPhoto(keep, id, n, { blob, role }) {
  for await (const { key, sealed } of sealedPieces(keep, id, n, blob)) await keep.store.putPiece(key, sealed)
  return { sha256: await fingerprint(await blob.arrayBuffer()), role, type: blob.type || 'image/jpeg', size: blob.size }
}

/**
 * A photo piece by piece, as it is to lie on the disk.
 * @param {{ vault: import('./vault.js').Vault, account: number }} keep
 * @param {string} id  of the item or the name of the draft
 * @param {number} n  which photo of it
 * @param {Blob} blob
 */
export async function* sealedPieces({ vault, account }, id, n, blob) {
  for (let piece = 0; piece * PIECE_BYTES < blob.size; piece += 1) {
    const bytes = await blob.slice(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES).arrayBuffer()
    yield { key: [account, id, n, piece], sealed: await vault.seal(place(account, id, n, piece), bytes) }
  }
}

/** Read a part of a kept photo, at most to the end of the piece it begins in. @returns {Promise<ArrayBuffer>} */
async function readPart({ store, vault, account }, id, n, start, length) {
  const piece = Math.floor(start / PIECE_BYTES)
  const sealed = await store.piece([account, id, n, piece])
  if (!sealed) throw new QueueProblem('damaged')
  const bytes = await vault.open(place(account, id, n, piece), sealed).catch(asDamagedPhoto)
  const from = start - piece * PIECE_BYTES
  return from === 0 && bytes.byteLength <= length ? bytes : bytes.slice(from, from + length)
}

function asDamagedPhoto(cause) {
  throw new QueueProblem('damaged', { cause })
}

/** The whole photo, as it was taken. @param {Photo} photo @returns {Promise<Blob>} */
export async function readPhoto(keep, id, n, { size, type }) {
  const parts = []
  for (let start = 0; start < size; start += PIECE_BYTES) parts.push(await readPart(keep, id, n, start, PIECE_BYTES))
  return new Blob(parts, { type })
}

/** A small picture for the list; none if the browser cannot read the photo. @param {Blob} blob */
export async function thumbOf(blob) {
  try {
    const whole = await createImageBitmap(blob, { resizeWidth: THUMB_PX, resizeQuality: 'medium' })
    const canvas = new OffscreenCanvas(whole.width, whole.height)
    canvas.getContext('2d').drawImage(whole, 0, 0)
    whole.close()
    return await canvas.convertToBlob({ type: 'image/jpeg', quality: THUMB_QUALITY })
  } catch (error) {
    if (error instanceof DOMException) return null
    throw error
  }
}

/** Sends photos over a line that breaks: each break halves the pieces, each piece that arrives doubles them. */
export class PhotoSender {
  constructor(keep, line) {
    Object.assign(this, { keep, line })
    this.pieceBytes = PIECE_BYTES
  }

  /**
   * Send one photo from where the server has it; resolved when it is stored there.
   * @param {string} id  of the item
   * @param {number} n  which of its photos
   * @param {Photo} photo
   * @param {{ ask: boolean, onProgress: (bytes: number) => void }} how  `ask`: part of it may be there already
   */
  async send(id, n, { sha256, size }, { ask, onProgress }) {
    let said = ask ? await this.line.photo(sha256) : null
    while (said?.state !== 'stored') {
      const start = said?.received ?? 0
      if (start >= size) throw new Problem(t('The photo is still being looked at.'))
      const piece = await readPart(this.keep, id, n, start, this.pieceBytes)
      said = await this.sendPiece(sha256, piece, start, size)
      onProgress(said.state === 'stored' ? size : said.received)
    }
  }

  async sendPiece(sha256, piece, start, size) {
    try {
      const said = await this.line.photoPiece(sha256, piece, start, size)
      this.pieceBytes = Math.min(PIECE_BYTES, this.pieceBytes * 2)
      return said
    } catch (error) {
      // The server has another part of it than we thought, and says which.
      const received = error.status === 409 ? error.said?.received : undefined
      if (Number.isInteger(received) && received !== start) return error.said
      if (error.status === 0) this.pieceBytes = Math.max(LEAST_BYTES, this.pieceBytes / 2)
      throw error
    }
  }
}

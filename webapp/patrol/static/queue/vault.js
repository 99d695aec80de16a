/** What lies on the phone lies there sealed: AES-GCM, under a key that no script can read out. */
import { QueueProblem } from './problem.js'

const IV_BYTES = 12
const text = { out: new TextEncoder(), in: new TextDecoder() }

/** @typedef {{ iv: Uint8Array, data: ArrayBuffer }} Sealed */

/** @returns {Promise<CryptoKey>} a key that can be kept and used here, and never be taken away */
export function newKey() {
  if (!globalThis.crypto?.subtle) throw new QueueProblem('insecure')
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

/** @param {BufferSource} bytes @returns {Promise<string>} SHA-256 in lower-case hex */
export async function fingerprint(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Seals and opens with one account's key; what was sealed for one place opens at no other. */
export class Vault {
  /** @param {CryptoKey} key */
  constructor(key) {
    this.key = key
  }

  /**
   * @param {string} place  where it will lie
   * @param {BufferSource} bytes
   * @returns {Promise<Sealed>}
   */
  async seal(place, bytes) {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
    return { iv, data: await crypto.subtle.encrypt(this.method(place, iv), this.key, bytes) }
  }

  /**
   * @param {string} place
   * @param {Sealed} sealed
   * @returns {Promise<ArrayBuffer>}
   * @throws {QueueProblem}  `unreadable`: the disk gave back other bytes than it was given
   */
  async open(place, { iv, data }) {
    try {
      return await crypto.subtle.decrypt(this.method(place, iv), this.key, data)
    } catch (cause) {
      throw new QueueProblem('unreadable', { cause })
    }
  }

  /** @param {string} place @param {unknown} value  anything that JSON can say */
  sealValue(place, value) {
    return this.seal(place, text.out.encode(JSON.stringify(value)))
  }

  /** @param {string} place @param {Sealed} sealed */
  async openValue(place, sealed) {
    return JSON.parse(text.in.decode(await this.open(place, sealed)))
  }

  method(place, iv) {
    return { name: 'AES-GCM', iv, additionalData: text.out.encode(place) }
  }
}

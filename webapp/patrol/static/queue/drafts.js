/**
 * Reports that are being written: sealed on the phone from the first tap on, so that Back, a reload or a killed
 * browser costs nothing. Each belongs to one account and is held by one tab; the queue takes it over in one moment.
 */
import { readPhoto, sealedPieces } from './photos.js'
import { QueueProblem } from './problem.js'
import { draftName, openStore } from './store.js'

/** Letters come one by one; the disk is written to when the hand pauses. */
const SETTLED_MS = 250
/** A page that is just being left lets go of its draft within this; one in another tab does not. */
const HELD_BY_OTHERS_MS = 250

/**
 * @typedef {{ blob: Blob, spot: object|null }} Picture
 * @typedef {{ photos: Picture[], after: Picture[] }} Content  and anything else that JSON can say
 */

/**
 * Take up what was begun last and is in no other tab's hands, or begin anew.
 * @param {number} account
 * @param {{ anew?: boolean }} [how]  `anew`: leave what was begun where it is
 * @returns {Promise<Draft>}
 * @throws {QueueProblem}  if this browser or this address can keep nothing
 */
export async function takeDraft(account, { anew = false } = {}) {
  const store = await openStore()
  const keep = { store, vault: await store.vault(account), account }
  for (const row of anew ? [] : await store.drafts(account)) {
    const release = await hold(account, row.name)
    // It may have been sent or thrown away while we waited for it.
    if (release && (await isKept(store, row))) return Draft.found(keep, row, release)
    release?.()
  }
  const name = draftName(crypto.randomUUID())
  return new Draft(keep, name, await hold(account, name))
}

const isKept = async (store, { account, name }) => (await store.read(({ kept }) => kept.getKey([account, name]))) !== undefined

/** @returns {Promise<(() => void)|null>} lets go again; null if another tab has it in hand */
function hold(account, name) {
  return new Promise((resolve) => {
    const keeping = () => new Promise((release) => { resolve(release) })
    const signal = AbortSignal.timeout(HELD_BY_OTHERS_MS)
    navigator.locks.request(`gridmap-${account}-${name}`, { signal }, keeping).catch(() => resolve(null))
  })
}

export class Draft {
  /**
   * @param {object} keep
   * @param {string} name
   * @param {() => void} release
   */
  constructor(keep, name, release) {
    Object.assign(this, { keep, name, release })
    /** What was found; null if this one is new. @type {Content|null} */
    this.content = null
    /** When it was begun, ms by the phone's clock. */
    this.begunAt = Date.now()
    /** What of it could not be read, as a sentence. @type {string|null} */
    this.lost = null
    /** Told when the phone cannot keep it. @type {(sentence: string|null) => void} */
    this.onProblem = () => {}
    /** Photos that lie on the disk already, and under which number. @type {Map<Blob, number>} */
    this.numbers = new Map()
    this.next = 0
    /** What is to be kept next; undefined if all is. @type {Content|null|undefined} */
    this.wanted = undefined
    this.onDisk = false
    /** It is the queue's from here on. */
    this.spent = false
    this.timer = null
    this.writing = Promise.resolve()
    this.channel = new BroadcastChannel('gridmap-queue')
  }

  /** What lies on the disk; of what is spoilt there the rest. */
  static async found(keep, row, release) {
    const draft = new Draft(keep, row.name, release)
    draft.onDisk = true
    try {
      const { begunAt, ...content } = await keep.vault.openValue(draft.place, row.sealed)
      draft.begunAt = begunAt
      draft.content = { ...content, photos: await draft.pictures(content.photos), after: await draft.pictures(content.after) }
    } catch (error) {
      if (!(error instanceof QueueProblem)) throw error
      draft.lost = new QueueProblem('draft').message
      await keep.store.dropDraft(keep.account, row.name)
      draft.announce(false)
    }
    return draft
  }

  get place() {
    return `${this.keep.account}/${this.name}`
  }

  async pictures(list) {
    const found = []
    for (const { number, spot, ...photo } of list) {
      this.next = Math.max(this.next, number + 1)
      try {
        const blob = await readPhoto(this.keep, this.name, number, photo)
        this.numbers.set(blob, number)
        found.push({ blob, spot })
      } catch (error) {
        if (!(error instanceof QueueProblem)) throw error
        this.lost = error.message
      }
    }
    return found
  }

  /** Keep it as it is now, soon; null for one in which nothing stands any more. @param {Content|null} content */
  save(content) {
    this.wanted = content
    if (!this.spent) this.timer ??= setTimeout(() => this.flush(), SETTLED_MS)
  }

  /** Keep at once what is not kept yet. @returns {Promise<void>} when it is on the disk */
  flush() {
    clearTimeout(this.timer)
    this.timer = null
    this.writing = this.writing.then(() => this.write(), () => this.write())
    return this.writing
  }

  async write() {
    const content = this.wanted
    if (content === undefined || this.spent) return
    this.wanted = undefined
    try {
      if (content) await this.put(content)
      else await this.drop()
      this.onProblem(null)
      this.announce(content !== null)
    } catch (error) {
      if (!(error instanceof QueueProblem)) throw error
      this.onProblem(error.message)
    }
  }

  /** Lists that count drafts are told when there is one more or less, and not of every letter. */
  announce(onDisk) {
    if (onDisk !== this.onDisk) this.channel.postMessage('changed')
    this.onDisk = onDisk
  }

  async put(content) {
    const { account, vault, store } = this.keep
    const pictures = [...content.photos, ...content.after].map(({ blob }) => blob)
    const numbers = new Map(pictures.map((blob) => [blob, this.numbers.get(blob) ?? this.next++]))
    const added = []
    for (const blob of pictures.filter((one) => !this.numbers.has(one))) {
      for await (const piece of sealedPieces(this.keep, this.name, numbers.get(blob), blob)) added.push(piece)
    }
    const removed = [...this.numbers].filter(([blob]) => !numbers.has(blob)).map(([, number]) => number)
    const listed = (list) => list.map(({ blob, spot }) => ({ number: numbers.get(blob), size: blob.size, type: blob.type, spot }))
    const value = { ...content, photos: listed(content.photos), after: listed(content.after), begunAt: this.begunAt }
    const row = { account, name: this.name, at: Date.now(), sealed: await vault.sealValue(this.place, value) }
    await store.keepDraft(row, added, removed)
    this.numbers = numbers
  }

  async drop() {
    await this.keep.store.dropDraft(this.keep.account, this.name)
    this.numbers = new Map()
    this.begunAt = Date.now()
  }

  /**
   * Hand it on: `work` puts it into the queue, which takes it from here in the same moment.
   * @template {{ done: boolean }} T
   * @param {(name: string) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async spend(work) {
    clearTimeout(this.timer)
    this.timer = null
    this.spent = true
    // A draft that could not be kept is sent all the same.
    await this.writing.catch(() => {})
    let done = false
    try {
      const outcome = await work(this.name)
      done = outcome.done
      return outcome
    } finally {
      this.spent = done
      if (!done && this.wanted !== undefined) this.save(this.wanted)
    }
  }

  /** Throw it away. */
  async discard() {
    this.save(null)
    await this.flush()
  }

  /** Keep what is not kept yet and let another tab, or this page when it comes back, take it up. */
  async close() {
    await this.flush()
    this.channel.close()
    this.release?.()
  }
}

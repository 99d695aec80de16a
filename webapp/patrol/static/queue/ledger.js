/** The items of one account: sealed on the disk, open in memory, told to every tab that shows them. */
import { QueueProblem } from './problem.js'
import { keepPhoto, readPhoto, thumbOf } from './photos.js'

/** What has been received stays in the list for so long. */
const REMEMBERED_MS = 3 * 86_400_000
/** Never the last byte of the phone: browsers and reports need some room to end well. */
const RESERVE_BYTES = 8 * 1024 * 1024
/** A report with one photo, before any has been kept. */
const USUAL_BYTES = 600 * 1024

/** @typedef {{ blob: Blob, role: 'evidence'|'before'|'after' }} Taken */

/**
 * One thing to send, as it is worked on.
 * @typedef {object} Item
 * @property {string} id
 * @property {'report'|'step'} kind
 * @property {'waiting'|'received'|'refused'} state
 * @property {boolean} held
 * @property {object} [body]  as it is sent, every time the same; gone once it has been received
 * @property {string} [target]  the incident of a step
 * @property {string} [after]  the report whose incident the step is for
 * @property {object} label
 * @property {string} capturedAt
 * @property {import('./photos.js').Photo[]} photos
 * @property {{ incident: object, receivedAt: string, missing?: string[] }|null} receipt
 * @property {string|null} sentence  why it is refused
 * @property {Blob|null} thumb
 * @property {boolean} [unreadable]  the disk has spoilt it: it can be told of and removed, and never be sent
 */

/** @typedef {Pick<Item, 'kind'|'id'|'body'|'target'|'after'|'label'> & { photos?: Taken[] }} Wanted */

const bytesOf = (photos = []) => photos.reduce((sum, { blob }) => sum + blob.size, 0)

export class Ledger {
  /**
   * @param {import('./store.js').Store} store
   * @param {import('./vault.js').Vault} vault
   * @param {number} account
   */
  constructor(store, vault, account) {
    this.keep = { store, vault, account }
    this.name = `gridmap-queue-${account}`
    /** @type {Map<string, { row: import('./store.js').Row, item: Item }>} */
    this.entries = new Map()
    this.others = 0
    this.drafts = { own: 0, others: 0 }
    /** What reads or changes the entries does so one after another. */
    this.turn = Promise.resolve()
    this.listeners = new Set()
    this.channel = new BroadcastChannel('gridmap-queue')
    this.channel.onmessage = () => this.refreshSoon()
  }

  /** Read what is on the disk; only what has changed is opened again. */
  async refresh() {
    const { store, account } = this.keep
    await this.inTurn(async () => {
      const rows = await store.rows(account)
      const fresh = await Promise.all(rows.map((row) => this.opened(row)))
      this.entries = new Map(fresh.map((entry) => [entry.row.id, entry]))
      this.others = await store.othersWaiting(account)
      this.drafts = { own: (await store.drafts(account)).length, others: await store.othersDrafts(account) }
    })
    this.tell()
  }

  inTurn(work) {
    const done = this.turn.then(work)
    this.turn = done.catch(() => {}) // told to who asked for it
    return done
  }

  async opened(row) {
    const known = this.entries.get(row.id)
    const same = known && known.row.sealed.iv.join() === row.sealed.iv.join()
    if (same) return { row, item: { ...known.item, held: row.held, state: known.item.unreadable ? 'refused' : row.state } }
    try {
      const content = await this.keep.vault.openValue(this.place(row.id), row.sealed)
      return { row, item: { ...content, id: row.id, state: row.state, held: row.held, thumb: await this.openThumb(row) } }
    } catch (error) {
      if (error.reason !== 'unreadable') throw error
      return { row, item: spoilt(row, error.message) }
    }
  }

  /** A small picture that cannot be read is worth no more than none. */
  async openThumb({ id, thumb }) {
    const bytes = thumb && (await this.keep.vault.open(`${this.place(id)}/thumb`, thumb).catch(asNone))
    return bytes && new Blob([bytes], { type: 'image/jpeg' })
  }

  /** Other tabs write too; what they did is read once they pause. */
  refreshSoon() {
    this.reading ??= setTimeout(async () => {
      this.reading = undefined
      await this.refresh()
    }, 100)
  }

  place(id) {
    return `${this.keep.account}/${id}`
  }

  /** @returns {Item[]} in their order */
  items() {
    return [...this.entries.values()].map(({ item }) => item)
  }

  waiting() {
    return this.items().filter((item) => item.state === 'waiting')
  }

  /** @param {string} id @returns {Item|undefined} */
  find(id) {
    return this.entries.get(id)?.item
  }

  /** Tell this page that something looks otherwise now. */
  tell() {
    for (const listener of this.listeners) listener()
  }

  /** Tell the other tabs too. */
  announce() {
    this.tell()
    this.channel.postMessage('changed')
  }

  /**
   * Keep new items; resolved when they and their photos are on the disk, all of them together.
   * @param {Wanted[]} wanted
   * @param {string|null} [draft]  what they were made of: it goes at the same moment
   */
  async add(wanted, draft = null) {
    const { store, account } = this.keep
    const known = await Promise.all(wanted.map(({ id }) => store.row(account, id)))
    const fresh = wanted.filter((_, n) => !known[n])
    await this.requireRoom(fresh.reduce((sum, { photos }) => sum + bytesOf(photos), 0))
    const rows = []
    for (const item of fresh) rows.push(await this.rowOf(item))
    await this.inTurn(async () => {
      if (!rows.length) return draft && store.dropDraft(account, draft)
      for (const stored of await store.add(rows, draft)) this.entries.set(stored.id, await this.opened(stored))
    })
    if (draft) await this.refresh()
    this.announce()
  }

  /** The row of a new item; the pieces of its photos are on the disk then. @param {Wanted} wanted */
  async rowOf({ kind, id, body, target, after, photos = [], label }) {
    const { account } = this.keep
    const kept = []
    for (const [n, photo] of photos.entries()) kept.push(await keepPhoto(this.keep, id, n, photo))
    const media = kept.map(({ sha256, role }) => ({ sha256, role }))
    const item = {
      kind, target, after, label, photos: kept, receipt: null, sentence: null,
      body: { ...body, id, ...(media.length > 0 && { media }) },
      capturedAt: body.occurred_at ?? body.at ?? new Date().toISOString(),
    }
    const thumb = photos.length > 0 ? await thumbOf(photos[0].blob) : null
    return {
      account, id, bytes: bytesOf(photos), state: 'waiting', held: false, exported: false,
      sealed: await this.keep.vault.sealValue(this.place(id), item),
      thumb: thumb && (await this.keep.vault.seal(`${this.place(id)}/thumb`, await thumb.arrayBuffer())),
    }
  }

  /** How much more can be kept. @returns {Promise<{ bytes: number, items: number, low: boolean }>} */
  async room() {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate()
    const sizes = [...this.entries.values()].map(({ row }) => row.bytes).filter(Boolean)
    const usual = sizes.length ? sizes.reduce((sum, size) => sum + size, 0) / sizes.length : USUAL_BYTES
    const bytes = Math.max(0, quota - usage - RESERVE_BYTES)
    const items = Math.floor(bytes / Math.max(usual, USUAL_BYTES / 10))
    return { bytes, items, low: items < 50 }
  }

  async requireRoom(bytes) {
    if ((await this.room()).bytes < bytes) throw new QueueProblem('full')
  }

  /**
   * Write down that reports have arrived; those without photos on the way are done.
   * @param {Item[]} items
   * @param {(item: Item) => NonNullable<Item['receipt']>} receiptOf
   */
  async received(items, receiptOf) {
    const changes = items.map((item) => {
      const receipt = receiptOf(item)
      return this.turned({ ...item, receipt }, receipt.missing.length ? 'waiting' : 'received')
    })
    await this.write(await Promise.all(changes))
  }

  /** It has arrived whole: its photos leave the phone, a line of it stays for some days. */
  async finish(item, receipt) {
    await this.write([await this.turned({ ...item, receipt }, 'received')])
  }

  /** @param {Item} item @param {string} sentence  of the server */
  async refuse(item, sentence) {
    await this.write([await this.turned({ ...item, sentence }, 'refused')])
  }

  /** Note something beside an item. @param {string} id @param {{ held?: boolean, exported?: boolean }} marks */
  async mark(id, marks) {
    const { row } = this.entries.get(id)
    await this.write([{ sequence: row.sequence, from: row.state, marks }])
  }

  /** Let a refused item try once more. @param {string} id */
  async reopen(id) {
    const item = this.find(id)
    if (item.state === 'refused' && !item.unreadable) await this.write([await this.turned({ ...item, sentence: null }, 'waiting')])
  }

  /** The change that makes an item what it is now. */
  async turned({ id, state: from, held, thumb, body, ...rest }, state) {
    const content = state === 'received' ? rest : { ...rest, body }
    const sealed = await this.keep.vault.sealValue(this.place(id), content)
    return { sequence: this.entries.get(id).row.sequence, from, marks: { state, sealed } }
  }

  async write(changes) {
    const changed = await this.inTurn(async () => {
      const rows = await this.keep.store.change(changes)
      for (const row of rows) this.entries.set(row.id, await this.opened(row))
      return rows
    })
    if (changed.length < changes.length) await this.refresh()
    this.announce()
  }

  /** Take a refused item from the phone; its backup must have been saved. @param {string} id */
  async remove(id) {
    const entry = this.entries.get(id)
    if (!entry) return
    if (entry.item.state !== 'refused') throw new QueueProblem('unsent')
    if (!entry.row.exported) throw new QueueProblem('unexported')
    await this.keep.store.remove([entry.row])
    this.entries.delete(id)
    this.announce()
  }

  /** Forget what was received days ago, unless a step still waits for what it became. */
  async forgetOld(now = Date.now()) {
    const awaited = new Set(this.waiting().map((item) => item.after))
    const old = [...this.entries.values()].filter(({ row, item }) => {
      const past = row.state === 'received' && Date.parse(item.receipt?.receivedAt ?? 0) < now - REMEMBERED_MS
      return past && !awaited.has(row.id)
    })
    if (old.length) await this.keep.store.remove(old.map(({ row }) => row))
    for (const { row } of old) this.entries.delete(row.id)
  }

  /** The photos of an item, null for each that can no longer be read. @param {Item} item @returns {Promise<(Blob|null)[]>} */
  photosOf(item) {
    return Promise.all(item.photos.map((photo, n) => readPhoto(this.keep, item.id, n, photo).catch(asNone)))
  }
}

function asNone(error) {
  if (!(error instanceof QueueProblem)) throw error
  return null
}

/** What is left of an item that the disk has spoilt: it is there, and why nothing comes of it. @returns {Item} */
const spoilt = ({ id, held }, sentence) => ({
  id, held, sentence, kind: 'report', state: 'refused', label: {}, capturedAt: null, photos: [], receipt: null,
  thumb: null, unreadable: true,
})

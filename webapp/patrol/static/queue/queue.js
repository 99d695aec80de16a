/**
 * What a phone has to send and the server has not yet confirmed. It belongs to the server this page came from and to
 * one account, outlives sign-out, change of user and a killed browser, and lets nothing go before its receipt.
 */
import { backupOf } from './backup.js'
import { Ledger } from './ledger.js'
import { Line } from './line.js'
import { Sender } from './sender.js'
import { openStore } from './store.js'

export { QueueProblem } from './problem.js'

/**
 * Open the queue of an account.
 * @param {{ account: { id: number, login: string }, onSignInNeeded?: () => void }} whose
 * @returns {Promise<Queue>}
 * @throws {import('./problem.js').QueueProblem}  if this browser or this address can keep nothing
 */
export async function openQueue({ account, onSignInNeeded = () => {} }) {
  const store = await openStore()
  const ledger = new Ledger(store, await store.vault(account.id), account.id)
  const queue = new Queue(ledger, new Sender(ledger, new Line(account.id), onSignInNeeded))
  await queue.open()
  return queue
}

/**
 * How many items wait on this phone and how many reports were begun, whoever's they are: all that a page without an
 * account may tell.
 * @returns {Promise<{ waiting: number, begun: number }>}
 */
export async function countWaiting() {
  const store = await openStore()
  return { waiting: await store.othersWaiting(null), begun: await store.othersDrafts(null) }
}

class Queue {
  constructor(ledger, sender) {
    Object.assign(this, { ledger, sender })
    this.subscribe = this.subscribe.bind(this)
  }

  async open() {
    const { ledger } = this
    await ledger.refresh()
    await ledger.forgetOld()
    // Never while another tab is in the middle of keeping one.
    await this.alone(() => ledger.keep.store.dropOrphans(ledger.keep.account))
    // Asked for without waiting: some browsers ask the person.
    navigator.storage.persist()
    addEventListener('online', () => this.sendNow())
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.sendNow())
    this.sendNow()
  }

  alone(work) {
    return navigator.locks.request(`${this.ledger.name}-keeping`, work)
  }

  /** Take something to send, as `addAll` does. @param {import('./ledger.js').Wanted} item */
  add(item) {
    return this.addAll([item])
  }

  /**
   * Take things to send; resolved only when all are on the disk. The same id again changes nothing.
   * @param {import('./ledger.js').Wanted[]} items
   * @param {{ draft?: string|null }} [of]  the kept draft they were made of, which goes in the same moment
   * @throws {import('./problem.js').QueueProblem}  `full`: nothing of it was kept, and nothing else is touched
   */
  async addAll(items, { draft = null } = {}) {
    const { ledger, sender } = this
    await this.alone(async () => {
      try {
        await ledger.add(items, draft)
      } catch (error) {
        await ledger.keep.store.dropOrphans(ledger.keep.account)
        throw error
      }
    })
    sender.nudge()
  }

  /** What the list shows, the oldest first. */
  items() {
    const { progress } = this.sender
    return this.ledger.items().map((item) => shown(item, progress.get(item.id)))
  }

  counts() {
    const counts = { waiting: 0, sending: 0, received: 0, refused: 0, others: this.ledger.others }
    for (const { state } of this.items()) counts[state] += 1
    return counts
  }

  /** How many reports were begun here and not put into the queue. @returns {{ own: number, others: number }} */
  begun() {
    return this.ledger.drafts
  }

  /** @param {() => void} listener  called whenever something looks otherwise @returns {() => void} stop */
  subscribe(listener) {
    this.ledger.listeners.add(listener)
    return () => this.ledger.listeners.delete(listener)
  }

  /** Try at once. */
  sendNow() {
    this.sender.pauses.cut()
  }

  /** Keep an item back for now. @param {string} id */
  hold(id) {
    return this.ledger.mark(id, { held: true })
  }

  /** Let an item go that was held back, or one that was refused try once more. @param {string} id */
  async release(id) {
    await this.ledger.mark(id, { held: false })
    await this.ledger.reopen(id)
    this.sendNow()
  }

  /** Take a refused item from the phone, after a backup. @param {string} id */
  remove(id) {
    return this.ledger.remove(id)
  }

  /** All that has not arrived, as a file that people can open. @returns {Promise<Blob>} */
  backup() {
    return backupOf(this.ledger)
  }

  /** How much more this phone can keep. */
  room() {
    return this.ledger.room()
  }
}

function shown({ id, kind, state, held, receipt, sentence, capturedAt, label, photos, thumb, unreadable = false }, sentBytes) {
  const working = state === 'waiting' && sentBytes !== undefined
  const total = photos.reduce((sum, { size }) => sum + size, 0)
  const arrived = state === 'received' ? 1 : ((receipt ? 1 : 0) + (total ? (sentBytes ?? 0) / total : 0)) / 2
  return {
    id, kind, held, sentence, capturedAt, label, thumb, unreadable,
    state: working ? 'sending' : state,
    progress: arrived,
    number: receipt?.incident?.number ?? null,
    incident: receipt?.incident?.id ?? null,
    receivedAt: receipt?.receivedAt ?? null,
    photos: photos.length,
  }
}

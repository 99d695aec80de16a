/**
 * Sends what waits. One tab at a time, reports before photos because they are small and urgent, steps after their
 * photos and their report; what is refused stands aside, and the others go on.
 */
import { t } from '../../shared/i18n.js'
import { SignInNeeded, verdict } from './line.js'
import { Pauses } from './pauses.js'
import { PhotoSender } from './photos.js'
import { QueueProblem } from './problem.js'

const MOST_REPORTS = 100

/** @typedef {import('./ledger.js').Item} Item */

export class Sender {
  /**
   * @param {import('./ledger.js').Ledger} ledger
   * @param {import('./line.js').Line} line
   * @param {() => void} onSignInNeeded
   */
  constructor(ledger, line, onSignInNeeded) {
    Object.assign(this, { ledger, line, onSignInNeeded })
    this.photos = new PhotoSender(ledger.keep, line)
    this.pauses = new Pauses(() => this.start())
    this.running = false
    this.wanted = false
    /** Reports sent at once: fewer over a line that breaks, so that something gets through between two breaks. */
    this.abreast = MOST_REPORTS
    /** Items at work now, with the bytes of their photos that have arrived. @type {Map<string, number>} */
    this.progress = new Map()
    /** Items whose photos were not begun by us in this round: part of them may be there. */
    this.begunBefore = new Set()
    /** Items that break the server: tried again in a later round. */
    this.aside = new Set()
  }

  /** Something is there to send: begin, unless a pause is on. */
  nudge() {
    if (!this.pauses.timer) this.start()
  }

  /** Begin a round; while one is on its way, another follows it. */
  async start() {
    this.wanted = true
    if (this.running) return
    this.running = true
    this.pauses.stop()
    try {
      while (this.wanted) {
        this.wanted = false
        await this.run()
      }
    } finally {
      this.running = false
    }
  }

  async run() {
    this.aside.clear()
    if (!this.ready().length) return
    const work = (lock) => lock && this.round()
    const outcome = await navigator.locks.request(`${this.ledger.name}-sending`, { ifAvailable: true }, work)
    if (outcome === 'done') return
    // Who asked meanwhile may just have signed in: a round that was wished for is not dropped.
    if (outcome === 'signed out') return this.onSignInNeeded()
    this.wanted = false
    // Another tab is sending (null), or the way is broken.
    this.pauses.rest(outcome?.retryS)
  }

  /** @returns {Promise<'done'|'signed out'|{ retryS: number|null }>} */
  async round() {
    try {
      await this.ledger.refresh()
      this.begunBefore = new Set(this.ready().filter((item) => item.receipt).map((item) => item.id))
      await this.line.meet()
      while (await this.sendSome());
      return this.aside.size ? { retryS: null } : 'done'
    } catch (error) {
      if (error instanceof SignInNeeded) return 'signed out'
      // A full phone cannot even write a receipt down: the server keeps it, and is asked again.
      if (!(error instanceof QueueProblem)) verdict(error)
      return { retryS: error.retryS ?? null }
    } finally {
      this.progress.clear()
      this.ledger.tell()
    }
  }

  /** What can be sent now, in its order. @returns {Item[]} */
  ready() {
    return this.ledger.waiting().filter((item) => !item.held && !this.aside.has(item.id) && !this.waitsForReport(item))
  }

  /** A step for the incident of a report that has none yet. @param {Item} item */
  waitsForReport({ after }) {
    const report = after && this.ledger.find(after)
    return Boolean(report && !report.receipt && report.state === 'waiting')
  }

  /** @returns {Promise<boolean>} whether there was anything to send */
  async sendSome() {
    const ready = this.ready()
    const reports = ready.filter((item) => item.kind === 'report' && !item.receipt).slice(0, this.abreast)
    if (reports.length) await this.sendReports(reports)
    else if (ready.length) await this.sendRest(ready[0])
    return ready.length > 0
  }

  /** Send a batch; if something in it is not taken, its halves, down to the guilty one. @param {Item[]} items */
  async sendReports(items) {
    this.working(items)
    try {
      const answers = await this.line.reports(items.map((item) => item.body))
      this.pauses.ease()
      this.abreast = Math.min(MOST_REPORTS, this.abreast * 2)
      const byId = new Map(answers.map((answer) => [answer.id, answer]))
      await this.ledger.received(items, (item) => receiptOf(byId.get(item.id)))
    } catch (error) {
      if (error.status === 0) this.abreast = Math.max(1, items.length >> 1)
      if (error instanceof SignInNeeded || error instanceof QueueProblem || verdict(error) === 'wait') throw error
      if (items.length === 1) return this.judge(items[0], error)
      const middle = items.length >> 1
      await this.sendReports(items.slice(0, middle))
      await this.sendReports(items.slice(middle))
    }
  }

  /** Send the photos of an item, and then the step if it is one. @param {Item} item */
  async sendRest(item) {
    this.working([item])
    try {
      await this.sendPhotos(item)
      if (item.kind === 'report') return await this.ledger.finish(item, item.receipt)
      const target = item.target ?? this.ledger.find(item.after)?.receipt?.incident?.id
      if (!target) return await this.ledger.refuse(item, t('The report that this belongs to was not taken.'))
      await this.ledger.finish(item, stepReceipt(await this.line.step(target, item.body)))
    } catch (error) {
      if (error instanceof SignInNeeded) throw error
      if (error.reason === 'damaged') return this.ledger.refuse(item, error.message)
      if (error instanceof QueueProblem || verdict(error) === 'wait') throw error
      await this.judge(item, error)
    }
  }

  /** One that is not taken holds up no other; it is told when all have been tried. */
  async sendPhotos({ id, photos, receipt }) {
    let before = 0
    let refusal = null
    for (const [n, photo] of photos.entries()) {
      const needed = receipt ? receipt.missing.includes(photo.sha256) : true
      const onProgress = (bytes) => {
        this.pauses.ease()
        this.progress.set(id, before + bytes)
        this.ledger.tell()
      }
      try {
        if (needed) await this.photos.send(id, n, photo, { ask: this.begunBefore.has(id), onProgress })
      } catch (error) {
        const spoilt = error.reason === 'damaged'
        if (error instanceof SignInNeeded || (!spoilt && (error instanceof QueueProblem || verdict(error) !== 'refused'))) throw error
        refusal ??= error
      }
      before += photo.size
    }
    if (refusal) throw refusal
  }

  /** @param {Item} item @param {import('../../shared/api.js').Problem} problem */
  async judge(item, problem) {
    if (verdict(problem) === 'broken') this.aside.add(item.id)
    else await this.ledger.refuse(item, problem.message)
  }

  working(items) {
    this.progress = new Map(items.map((item) => [item.id, 0]))
    this.ledger.tell()
  }
}

const receiptOf = ({ incident, received_at: receivedAt, missing }) => ({ incident, receivedAt, missing })

const stepReceipt = (incident) => ({
  incident: { id: incident.id, number: incident.number, state: incident.state },
  receivedAt: new Date().toISOString(),
})

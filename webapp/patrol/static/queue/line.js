/** The way to the server, as the person whose queue it is and as nobody else. */
import { api, Problem } from '../../shared/api.js'
import { t } from '../../shared/i18n.js'

const PATIENCE_MS = 60_000
/** Half a megabyte through a stairwell. */
const PIECE_PATIENCE_MS = 120_000

/** Nobody, or somebody else, is signed in: what waits goes on waiting. */
export class SignInNeeded extends Error {}

/**
 * What a no of the server means for what was sent.
 * `wait`: nothing, for it never got there or is to come later. `broken`: something in it breaks the server.
 * `refused`: it is not taken, and never will be as it is.
 * @param {unknown} error
 * @returns {'wait'|'broken'|'refused'}
 */
export function verdict(error) {
  if (!(error instanceof Problem)) throw error
  const { status, retryS } = error
  if (retryS || status === 0 || [408, 425, 429].includes(status) || status > 500) return 'wait'
  return status === 500 ? 'broken' : 'refused'
}

export class Line {
  /** @param {number} accountId */
  constructor(accountId) {
    this.accountId = accountId
    this.csrf = null
  }

  /** Make sure that it is this account's session we send in. Its token fits no other, whatever changes later. */
  async meet() {
    const { person, csrf } = await this.answer((options) => api.get('/me', {}, options))
    if (person.id !== this.accountId) throw new SignInNeeded()
    this.csrf = csrf
  }

  /** @param {object[]} reports @returns {Promise<object[]>} an answer each */
  async reports(reports) {
    return (await this.send((options) => api.post('/reports', { reports }, options))).items
  }

  /** @param {string} incidentId @param {object} step */
  step(incidentId, step) {
    return this.send((options) => api.post(`/incidents/${incidentId}/steps`, step, options))
  }

  /** What the server has of a photo; null if nothing. @param {string} sha256 */
  async photo(sha256) {
    try {
      return await this.send((options) => api.get(`/media/${sha256}`, {}, options))
    } catch (error) {
      if (error.status === 404) return null
      throw error
    }
  }

  /** @param {string} sha256 @param {ArrayBuffer} piece @param {number} start @param {number} total */
  photoPiece(sha256, piece, start, total) {
    const put = (options) => api.putPiece(`/media/${sha256}`, piece, start, total, options)
    return this.send(put, PIECE_PATIENCE_MS)
  }

  /** Send once more if it was refused for a token that has become old. */
  async send(ask, patienceMs) {
    const used = this.csrf
    try {
      return await this.answer(ask, patienceMs)
    } catch (error) {
      if (error.status !== 403) throw error
      await this.meet()
      if (this.csrf === used) throw error
      return this.answer(ask, patienceMs)
    }
  }

  async answer(ask, patienceMs = PATIENCE_MS) {
    try {
      return await within(patienceMs, ask({ csrf: this.csrf ?? '', stay: true, patienceMs }))
    } catch (error) {
      if (error.status === 401) throw new SignInNeeded()
      throw error
    }
  }
}

/** The door waits for the head of an answer; here the whole of it must come in time. */
function within(patienceMs, promise) {
  let timer
  const late = new Promise((resolve, reject) => {
    const sentence = t('The server cannot be reached. Check the network and try again.')
    timer = setTimeout(() => reject(new Problem(sentence)), patienceMs)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

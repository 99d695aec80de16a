/** The one door to the server: every other module calls these. */
import { eventReader } from './event-lines.js'
import { locale, t } from './i18n.js'

const ROOT = '/api/v1'
const PATIENCE_MS = 20_000
/** Writing a file out may take this long. */
const LONG_MS = 150_000

/** A no of the server, or of the way to it (status 0); `message` is a sentence for the reader, `said` all it said. */
export class Problem extends Error {
  constructor(sentence, { status = 0, where = null, slug = '', requestId = null, retryS = null, said = null } = {}) {
    super(sentence)
    this.name = 'Problem'
    Object.assign(this, { status, where, slug, requestId, retryS, said })
  }
}

/**
 * @typedef {object} Options
 * @property {AbortSignal} [signal]
 * @property {number} [patienceMs]  how long an answer may take
 * @property {string} [csrf]  the token of the session it is for, when that is not the page's
 * @property {boolean} [stay]  the page says itself that nobody is signed in, and is not left for the sign-in page
 */

export const api = {
  /**
   * Ask for something.
   * @param {string} path  below /api/v1, or a whole path such as a `next` link
   * @param {Record<string, unknown>} [query]  values that are empty are left out
   * @param {Options} [options]
   * @returns {Promise<any>}
   */
  get: (path, query, options) => call('GET', address(path, query), undefined, options),

  /**
   * Ask for something that is kept already.
   * @param {string} path
   * @param {string|null} etag  of what is kept
   * @param {Options} [options]
   * @returns {Promise<{ answer: any, etag: string|null }|null>}  null if nothing has changed
   */
  renew: (path, etag, options) => renew(address(path), etag, options),

  /**
   * Send something. What it creates carries an id of this browser's, so sending it again is safe.
   * @param {string} path
   * @param {object} body
   * @param {Options} [options]
   */
  post: (path, body, options) => call('POST', address(path), body, options),

  /**
   * Send a piece of a file to where the whole belongs.
   * @param {string} path
   * @param {ArrayBuffer} piece
   * @param {number} start  its place in the file
   * @param {number} total  bytes of the file
   * @param {Options} [options]
   */
  putPiece: (path, piece, start, total, options) => putPiece(address(path), piece, start, total, options),

  /** Write something anew, as a whole. */
  put: (path, body) => call('PUT', address(path), body),

  /** Take something away. */
  delete: (path) => call('DELETE', address(path)),

  /**
   * Send a file as it is.
   * @param {string} path
   * @param {Record<string, unknown>} query
   * @param {Blob} file
   * @param {{ onProgress?: (share: number) => void, signal?: AbortSignal }} [options]  `share` 0..1 of the bytes sent
   */
  upload: (path, query, file, options = {}) => sendFile(address(path, query), file, options),

  /**
   * Fetch a file and hand it to the browser to keep.
   * @param {string} path
   * @param {Record<string, unknown>} [query]
   * @returns {Promise<string[]>}  what is to be known of it
   */
  download: (path, query) => fetchFile(address(path, query)),

  /** Make something that is given as a file, once, and save it; gives what its header `X-Notes` tells. */
  make: (path, body) =>
    fetchFile(address(path), {
      method: 'POST', headers: { 'X-CSRF-Token': csrfToken(), 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    }),
}

/**
 * Listen to the stream of events. It is read by hand, for an EventSource tells neither why it was refused
 * nor that a heart-beat came.
 * @param {string|number|null} after  the last event that was heard
 * @param {{ onOpen: () => void, onEvent: (event: { id: string, kind: string, data: object|null }) => void,
 *           onEnd: () => void, quietMs: number }} ears  `onEnd` is told once: refused, broken or silent too long
 * @returns {() => void} close
 */
export function streamEvents(after, { onOpen, onEvent, onEnd, quietMs }) {
  const line = new AbortController()
  let watch = null
  let closed = false
  const alive = () => {
    clearTimeout(watch)
    watch = setTimeout(() => line.abort(), quietMs)
  }
  const take = eventReader(({ id, kind, data }) => onEvent({ id, kind, data: data ? JSON.parse(data) : null }))

  const listen = async () => {
    alive()
    const response = await fetch(address('/events', { after }), {
      headers: { Accept: 'text/event-stream', 'Accept-Language': locale() },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: line.signal,
    })
    if (!response.ok) return
    onOpen()
    const text = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let piece = await text.read(); !piece.done; piece = await text.read()) {
      alive()
      if (!closed) take(piece.value)
    }
  }
  const end = () => {
    clearTimeout(watch)
    if (!closed) onEnd()
    closed = true
  }
  listen().then(end, end)

  return () => {
    closed = true
    clearTimeout(watch)
    line.abort()
  }
}

/**
 * Send a form of ours without leaving the page.
 * @param {HTMLFormElement} form
 * @param {FormData|URLSearchParams} [body]  with files it is no URLSearchParams, and takes longer
 * @returns {Promise<Headers>}
 */
export async function submitForm(form, body = new URLSearchParams(new FormData(form))) {
  const response = await reach(form.getAttribute('action'), {
    method: 'POST',
    body,
    headers: { 'X-Requested-With': 'gridmap', Accept: 'application/json' },
    patienceMs: body instanceof FormData ? LONG_MS : PATIENCE_MS,
  })
  return response.headers
}

/** End this browser's session and go to the sign-in page. */
export async function signOut() {
  await reach('/sign-out', { method: 'POST', headers: { 'X-CSRF-Token': csrfToken() } })
  location.assign('/sign-in?done=out')
}

let adopted = null

/**
 * Act in a session that the page was not made for: a page that lies on the phone holds no token of its own.
 * @param {string} csrf  as /me tells it
 */
export function adoptToken(csrf) {
  adopted = csrf
}

/**
 * Where the copy of a photo is that the reader may see, for an image to show.
 * @param {string} sha256
 * @param {'thumb'} [size]
 */
export const photoAddress = (sha256, size) => address(`/media/${encodeURIComponent(sha256)}/shown`, { size })

/** The proof that it is a page of ours that asks. */
const csrfToken = () => adopted ?? document.querySelector('meta[name="csrf-token"]')?.content ?? ''

function address(path, query = {}) {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') params.set(name, String(value))
  }
  const base = path.startsWith('/api/') ? path : ROOT + path
  const text = params.toString()
  return text ? `${base}${base.includes('?') ? '&' : '?'}${text}` : base
}

async function call(method, url, body, { csrf = csrfToken(), ...options } = {}) {
  const headers = { Accept: 'application/json', 'Accept-Language': locale() }
  if (method !== 'GET') {
    headers['X-CSRF-Token'] = csrf
    headers['Content-Type'] = 'application/json'
  }
  const response = await reach(url, { method, headers, body: body && JSON.stringify(body), ...options })
  return response.status === 204 ? null : spoken(response)
}

async function renew(url, etag, options = {}) {
  const headers = { Accept: 'application/json', 'Accept-Language': locale(), ...(etag && { 'If-None-Match': etag }) }
  const response = await reach(url, { method: 'GET', headers, ...options })
  return response.status === 304 ? null : { answer: await spoken(response), etag: response.headers.get('ETag') }
}

async function putPiece(url, piece, start, total, { csrf = csrfToken(), ...options } = {}) {
  const headers = {
    Accept: 'application/json', 'Accept-Language': locale(), 'X-CSRF-Token': csrf, 'Content-Type': 'application/octet-stream',
    'Content-Range': `bytes ${start}-${start + piece.byteLength - 1}/${total}`,
  }
  return spoken(await reach(url, { method: 'PUT', headers, body: piece, ...options }))
}

/** What an answer says; one that was cut off on its way is no answer. */
async function spoken(response) {
  try {
    return await response.json()
  } catch {
    throw new Problem(t('The server cannot be reached. Check the network and try again.'))
  }
}

/** A fetch does not tell how much of its body has gone; this older way does. */
function sendFile(url, file, { onProgress = () => {}, signal }) {
  return new Promise((resolve, reject) => {
    const line = new XMLHttpRequest()
    line.open('POST', url)
    const headers = { Accept: 'application/json', 'Accept-Language': locale(), 'X-CSRF-Token': csrfToken(), 'Content-Type': 'application/octet-stream' }
    for (const [name, value] of Object.entries(headers)) line.setRequestHeader(name, value)
    line.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0)
    line.onerror = () => reject(new Problem(t('The server cannot be reached. Check the network and try again.')))
    line.onabort = () => reject(new DOMException('', 'AbortError'))
    line.onload = () => {
      const response = new Response(line.status === 204 ? null : line.response, { status: line.status, headers: { 'Retry-After': line.getResponseHeader('Retry-After') ?? '' } })
      taken(response).then((answer) => answer.json()).then(resolve, reject)
    }
    signal?.addEventListener('abort', () => line.abort(), { once: true })
    line.send(file)
  })
}

async function fetchFile(url, { method = 'GET', headers = {}, body } = {}) {
  const response = await reach(url, { method, headers: { 'Accept-Language': locale(), ...headers }, body, patienceMs: LONG_MS })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? ''
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), PATIENCE_MS)
  return JSON.parse(decodeURIComponent(response.headers.get('X-Notes') ?? '%5B%5D'))
}

async function reach(url, { signal, stay = false, patienceMs = PATIENCE_MS, ...request }) {
  const patience = new AbortController()
  const give = () => patience.abort()
  const timer = setTimeout(give, patienceMs)
  signal?.addEventListener('abort', give, { once: true })
  if (signal?.aborted) give()
  let response
  try {
    response = await fetch(url, { ...request, credentials: 'same-origin', signal: patience.signal })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Problem(t('The server cannot be reached. Check the network and try again.'))
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', give)
  }
  return taken(response, stay)
}

/** An answer that is none is thrown as the sentence it holds. */
async function taken(response, stay = false) {
  if (response.ok || response.status === 304) return response
  const problem = await problemOf(response)
  if (problem.status === 401 && problem.slug === 'not-signed-in' && !stay) onSignedOut()
  throw problem
}

let onSignedOut = leaveForSignIn

/** Say what a page does, instead of being left, when its session has ended. @param {() => void} act */
export function whenSignedOut(act) {
  onSignedOut = act
}

/** The session has ended: the page would only collect refusals from here on. */
function leaveForSignIn() {
  if (location.pathname === '/sign-in') return
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)
}

async function problemOf(response) {
  const said = await response.json().catch(() => null)
  const retryS = Number(response.headers.get('Retry-After')) || null
  const sentence = said?.detail ?? t('The server answered with %(status)s.', { status: response.status })
  return new Problem(sentence, {
    status: response.status,
    where: said?.where ?? null,
    slug: String(said?.type ?? '').split('#').pop(),
    requestId: said?.request_id ?? null,
    retryS,
    said,
  })
}

/**
 * Hear of changes: server-sent events, which the browser resumes; polling where no stream is to be had.
 * Replay overlaps on purpose, so a change counts once by (kind, id, version).
 */
import { get, openEvents } from '../shared/api.js'

const KINDS = ['incident', 'edition', 'device', 'reset']
const POLL_MS = 3000
const RETRY_MS = [1000, 2000, 5000, 10_000]
/** Polling tries the stream again every half minute: one may be free by then. */
const POLLS_BEFORE_STREAM = 10
const REMEMBERED = 20_000

/** @returns {(change: object) => boolean} whether a change was not heard before; the oldest are forgotten first */
export function onceOnly(limit = REMEMBERED) {
  const versions = new Map()
  return ({ kind, id, version }) => {
    const key = `${kind} ${id}`
    if (versions.get(key) >= version) return false
    versions.delete(key)
    versions.set(key, version)
    if (versions.size > limit) versions.delete(versions.keys().next().value)
    return true
  }
}

const theServer = {
  open: openEvents,
  last: async () => (await get('/events/last')).last,
  since: (after) => get('/events', { query: { after } }),
}

/**
 * Follow the events until stopped.
 * @param {{ onChanges: (changes: object[]) => void, onReset: () => void, onLink: (link: string) => void,
 *   onRefused: (error: Error) => void }} ears  `onLink` is told live, polling, reconnecting or offline
 * @param {typeof theServer} [server]
 * @returns {() => void} stop
 */
export function follow(ears, server = theServer) {
  const isNew = onceOnly()
  let last = null
  let failures = 0
  let stopped = false
  let timer = null
  let stream = null

  const take = (changes) => {
    const fresh = changes.filter(isNew)
    if (fresh.length) ears.onChanges(fresh)
  }
  const reset = () => {
    last = null
    ears.onReset()
  }
  const lost = () => ears.onLink(navigator.onLine ? 'reconnecting' : 'offline')

  const listen = () => {
    stream = server.open(last)
    stream.onopen = () => ears.onLink('live')
    for (const kind of KINDS) {
      stream.addEventListener(kind, (event) => {
        if (event.lastEventId) last = Number(event.lastEventId)
        if (kind === 'reset') reset()
        else take([JSON.parse(event.data)])
      })
    }
    stream.onerror = () => {
      lost()
      // Still connecting: the browser tries again by itself. Closed: refused, so there is no stream to be had now.
      if (stream.readyState === EventSource.CLOSED) poll(0)
    }
  }

  const poll = async (round) => {
    if (stopped) return
    try {
      last ??= await server.last()
      const { events, last: upTo } = await server.since(last)
      if (stopped) return
      last = upTo
      failures = 0
      ears.onLink('polling')
      if (events.some((event) => event.kind === 'reset')) reset()
      else take(events)
      timer = setTimeout(round < POLLS_BEFORE_STREAM ? () => poll(round + 1) : listen, POLL_MS)
    } catch (error) {
      if (error.status === 401 || error.status === 403) ears.onRefused(error)
      else if (error.status === undefined) throw error
      lost()
      timer = setTimeout(poll, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)], round)
      failures += 1
    }
  }

  listen()
  return () => {
    stopped = true
    clearTimeout(timer)
    stream.close()
  }
}

/**
 * Hear of changes: a stream of events, resumed after the last one heard; polling where no stream is to be had.
 * Replay overlaps on purpose, so a change counts once by (kind, id, version).
 */
import { api, streamEvents } from './api.js'

const POLL_MS = 3000
const RETRY_MS = [500, 1000, 2000, 5000, 10_000]
/** Two and a half heart-beats. */
const QUIET_MS = 40_000
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

/** Asked for before anything else is read, so that nothing falls between reading and listening. */
export const lastEvent = async () => (await api.get('/events/last')).last

const theServer = {
  stream: streamEvents,
  last: lastEvent,
  since: (after) => api.get('/events', { after }),
}

/**
 * Follow the events until stopped.
 * @param {{ onChanges: (changes: object[]) => void, onReset: () => void, onLink: (link: string) => void }} ears
 *   `onLink` is told live, polling, reconnecting or offline
 * @param {string|number|null} after  the last event before all that is on the screen was read
 * @param {typeof theServer} [server]
 * @returns {() => void} stop
 */
export function follow(ears, after, server = theServer) {
  const isNew = onceOnly()
  let last = after
  let failures = 0
  let stopped = false
  let timer = null
  let close = () => {}

  const take = (changes) => {
    const fresh = changes.filter(isNew)
    if (fresh.length) ears.onChanges(fresh)
  }
  const retry = (again) => {
    ears.onLink(navigator.onLine ? 'reconnecting' : 'offline')
    timer = setTimeout(again, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)])
    failures += 1
  }

  const listen = () => {
    let opened = false
    close = server.stream(last, {
      quietMs: QUIET_MS,
      onOpen() {
        opened = true
        failures = 0
        ears.onLink('live')
      },
      onEvent({ id, kind, data }) {
        if (id) last = id
        if (kind === 'reset') ears.onReset()
        else take([data])
      },
      // Refused at once: there is no stream to spare. Broken later: the same again.
      onEnd: () => (opened ? retry(listen) : poll(0)),
    })
  }

  const poll = async (round) => {
    try {
      last ??= await server.last()
      const { events, last: upTo } = await server.since(last)
      if (stopped) return
      last = upTo
      failures = 0
      ears.onLink('polling')
      if (events.some((event) => event.kind === 'reset')) ears.onReset()
      else take(events)
      timer = setTimeout(round < POLLS_BEFORE_STREAM ? () => poll(round + 1) : listen, POLL_MS)
    } catch (error) {
      if (error.status === undefined) throw error
      if (!stopped) retry(() => poll(round))
    }
  }

  listen()
  return () => {
    stopped = true
    clearTimeout(timer)
    close()
  }
}

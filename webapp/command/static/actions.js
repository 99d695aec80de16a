/** What a person can do on the page, and what the server is asked for then. */
import { signOut } from '../shared/api.js'
import { setLanguage } from '../shared/i18n.js'
import { setTheme } from '../shared/theme.js'
import { keepPreferences } from './preferences.js'
import * as requests from './requests.js'

const REFRESH_MS = 2000
/** One looks back by minutes. */
const LEAST_BACK_MS = 60_000
const TRIES_AFTER_MS = [800, 2500]

/**
 * @param {object} store
 * @param {{ zoomTo, goTo, zoomBy, wholeDistrict }} look  where the map looks; see map-host.js
 */
export function createActions(store, look) {
  const zone = () => store.state.me.district.time_zone
  let listing = 0
  let listed = []

  /** List the queue anew; an older listing that is still under way gives up. */
  const reload = async (first, turn) => {
    const mine = (listing += 1)
    const wanted = () => mine === listing
    const heard = rememberChanges(store)
    let anew = true
    const take = (page) => {
      if (wanted()) store.dispatch({ type: 'page', anew, ...page })
      if (wanted()) heard.repeat()
      anew = false
    }
    try {
      await requests.eachOpenPage(take, wanted, first ?? requests.firstOpenPage(store.state.asOf), turn)
    } catch (error) {
      if (wanted()) store.dispatch({ type: 'listFailed', sentence: error.message })
    } finally {
      heard.stop()
    }
  }

  /** Ask about the moment that is shown; an answer that comes after one has moved on is not heard. */
  const askOfMoment = async (ask, take) => {
    const { asOf } = store.state
    const answer = await ask(asOf)
    if (store.state.asOf === asOf) take(answer)
  }

  const figuresNow = () =>
    Promise.all([
      askOfMoment(requests.numbers, (numbers) => store.dispatch({ type: 'numbers', numbers })),
      askOfMoment(requests.gridLoad, (load) => store.dispatch({ type: 'load', load })),
    ]).catch(ignoreOffline)
  const refreshFigures = atMostEvery(REFRESH_MS, figuresNow)

  /** News do not say whose they are, so it is asked; seldom, since few of them are mine. */
  const refreshMine = () =>
    requests
      .idsThatAreMine()
      .then((ids) => store.dispatch({ type: 'mine', ids }))
      .catch(ignoreOffline)

  const reloadCard = async () => {
    const { selection } = store.state
    if (!selection) return
    const { kind, id } = selection
    try {
      await askOfMoment(
        (asOf) => requests.detailOf(selection, asOf),
        (item) => {
          store.dispatch({ type: 'detail', kind, id, item })
          if (kind === 'incident' && store.state.asOf === null) store.dispatch({ type: 'changed', items: [item] })
        },
      )
    } catch (error) {
      if (error.status === undefined) throw error
      store.dispatch({ type: 'detailFailed', kind, id, sentence: error.message })
    }
  }

  const show = (name) => {
    store.dispatch({ type: 'show', show: name })
    store.dispatch({ type: 'sheet', sheet: 'queue' })
  }

  /** Show the district as it was at an instant; what is not past yet is now. */
  const lookAt = (at) => {
    const { asOf, clock } = store.state
    const next = at === null || at > clock - LEAST_BACK_MS ? null : Math.floor(at / LEAST_BACK_MS) * LEAST_BACK_MS
    if (next !== asOf) store.dispatch({ type: 'lookAt', asOf: next })
  }

  const prefer = (wishes) => {
    store.dispatch({ type: 'prefer', ...wishes })
    keepPreferences(store.state)
  }

  const selectGridAt = async (lon, lat) => {
    const grid = await requests.gridAt(lon, lat, store.state.asOf).catch(ignoreOffline)
    if (grid) store.dispatch({ type: 'select', selection: { kind: 'grid', id: grid.code } })
  }

  return {
    ...look,
    reload: () => reload(),
    /** List the queue from a first page that was asked for before there was a page to show it; the others in turn. */
    reloadFrom: reload,
    refreshFigures,
    refreshMine,
    reloadCard,
    show,
    prefer,

    loadClosedToday: () =>
      askOfMoment(
        (asOf) => requests.closedOfToday(store.state.now, zone(), asOf),
        (items) => store.dispatch({ type: 'closedToday', items }),
      ).catch(ignoreOffline),

    lookAt,
    lookFarther: (by) => lookAt((store.state.asOf ?? store.state.clock) + by),
    figuresNow,
    rhythm: requests.rhythm,
    loadEditions: () =>
      requests
        .editions()
        .then((editions) => store.dispatch({ type: 'editions', editions }))
        .catch(ignoreOffline),

    /** The queue tells what it shows, so that the keys walk the same rows. */
    listed(ids) {
      listed = ids
    },
    moveCursor(by) {
      if (!listed.length) return
      const at = listed.indexOf(store.state.cursor)
      const next = at < 0 ? (by > 0 ? 0 : listed.length - 1) : Math.min(listed.length - 1, Math.max(0, at + by))
      store.dispatch({ type: 'cursor', id: listed[next] })
    },
    openCursor() {
      const { cursor } = store.state
      if (cursor) store.dispatch({ type: 'select', selection: { kind: 'incident', id: cursor } })
    },
    newest() {
      const { toasts, rows } = store.state
      const newest = toasts[0] ?? rows.reduce((best, row) => (!best || row.occurred_at > best.occurred_at ? row : best), null)
      if (newest) store.dispatch({ type: 'select', selection: { kind: 'incident', id: newest.id } })
    },
    zoom() {
      const { detail, cursor, rows } = store.state
      if (detail?.item) look.zoomTo(detail.kind, detail.item)
      else if (cursor) look.zoomTo('incident', rows.find((row) => row.id === cursor))
    },
    /** While one looks back there is nothing to do: what was done since stands. */
    askStep: (step) => store.state.asOf === null && store.dispatch({ type: 'askStep', step }),
    takeStep: (incident, step, said) => takeStep(store, incident, step, said, reloadCard),

    closeCard: () => store.dispatch({ type: 'select', selection: null }),
    openKeys: () => store.dispatch({ type: 'keys', open: true }),
    closeKeys: () => store.dispatch({ type: 'keys', open: false }),
    back() {
      const { keysOpen, selection, show: shown, asOf } = store.state
      if (keysOpen) store.dispatch({ type: 'keys', open: false })
      else if (selection) store.dispatch({ type: 'select', selection: null })
      else if (shown !== 'all') show('all')
      else if (asOf !== null) lookAt(null)
    },

    toggleSound: () => prefer({ sound: !store.state.sound }),
    setTheme(theme) {
      store.dispatch({ type: 'prefer', theme })
      setTheme(theme)
    },
    setLanguage,
    signOut,

    search: requests.search,
    staff: () => requests.staff(store.state.asOf),
    silentDevices: requests.silentDevices,
    gridHistory: requests.gridHistory,
    selectGridAt,
    goTo: (item) => look.goTo(item, selectGridAt),
  }
}

/**
 * Take a step under one id, however often it must be sent: the server stores it once.
 * @returns {Promise<{ done: boolean, sentence?: string }>}
 */
async function takeStep(store, incident, step, said, reloadCard) {
  const wish = attemptOf(incident, step, said)
  for (let tries = 0; ; tries += 1) {
    try {
      const after = await requests.postStep(incident.id, wish)
      attempts.delete(incident.id)
      // Whoever looks back meanwhile sees what was.
      if (store.state.asOf === null) store.dispatch({ type: 'changed', items: [after] })
      await reloadCard()
      return { done: true }
    } catch (error) {
      // Nothing is known of what became of it: the same id is sent again, never a new one.
      const unsure = error.status === 0 || error.status >= 500
      if (unsure && tries < TRIES_AFTER_MS.length) {
        await new Promise((go) => setTimeout(go, TRIES_AFTER_MS[tries]))
        continue
      }
      if (!unsure) attempts.delete(incident.id)
      if (error.status === 409) await reloadCard()
      return { done: false, sentence: error.message }
    }
  }
}

/** A page was read before it came: what was heard in between is newer, and is said again on top of it. */
function rememberChanges(store) {
  const heard = []
  let repeating = false
  const stop = store.subscribe((state, before, action) => {
    if (action.type === 'changed' && !repeating) heard.push({ ...action, announce: false })
  })
  const repeat = () => {
    repeating = true
    for (const change of heard) store.dispatch(change)
    repeating = false
  }
  return { repeat, stop }
}

const attempts = new Map()

/** The attempt that is still open for this incident if it is the same one, else a new one. */
function attemptOf(incident, step, said) {
  const body = { step, ...said, seq: incident.seq }
  const key = JSON.stringify(body)
  if (attempts.get(incident.id)?.key !== key) attempts.set(incident.id, { key, wish: { id: crypto.randomUUID(), ...body } })
  return attempts.get(incident.id).wish
}

/** Call at once, then at most once in a while; the last wish is never lost. */
export function atMostEvery(ms, call) {
  let resting = false
  let wished = false
  const go = () => {
    resting = true
    wished = false
    call()
    setTimeout(() => {
      resting = false
      if (wished) go()
    }, ms)
  }
  return () => {
    if (resting) wished = true
    else go()
  }
}

/** The thin line on the map says that there is no network; a figure that could not be had stays as it was. */
function ignoreOffline(error) {
  if (error.status === undefined) throw error
}

/** What a person can do on the page, and what the server is asked for then. */
import { signOut } from '../shared/api.js'
import { setLanguage } from '../shared/i18n.js'
import { setTheme } from '../shared/theme.js'
import { keepPreferences } from './preferences.js'
import * as requests from './requests.js'
import { takeStep, takeStepOfMany } from './taking.js'

const REFRESH_MS = 2000
/** One looks back by minutes. */
const LEAST_BACK_MS = 60_000

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

  const moveCursor = (by) => {
    if (!listed.length) return
    const at = listed.indexOf(store.state.cursor)
    const next = at < 0 ? (by > 0 ? 0 : listed.length - 1) : Math.min(listed.length - 1, Math.max(0, at + by))
    store.dispatch({ type: 'cursor', id: listed[next] })
  }

  const refreshDesk = () => {
    if (!store.state.me.can.includes('roster.read')) return Promise.resolve()
    return requests
      .desk()
      .then((desk) => store.dispatch({ type: 'desk', desk }))
      .catch(ignoreOffline)
  }

  const refreshZones = () =>
    requests
      .safeZones()
      .then(({ items }) => store.dispatch({ type: 'zones', zones: items }))
      .catch(ignoreOffline)

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
    moveCursor,
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
    askStep: (wish) => store.state.asOf === null && store.dispatch({ type: 'askStep', ...wish }),
    takeStep: (incident, step, said) => takeStep(store, incident, step, said, reloadCard),
    takeStepOfMany: (rows, step, said) => takeStepOfMany(store, rows, step, said, reloadCard),

    toggleMark(id = store.state.cursor) {
      if (id) store.dispatch({ type: 'mark', id })
    },
    /** Carry the marks along with the cursor. */
    markOn(by) {
      const { cursor } = store.state
      moveCursor(by)
      store.dispatch({ type: 'markAll', ids: [cursor, store.state.cursor].filter(Boolean) })
    },
    unmark: () => store.dispatch({ type: 'unmark' }),

    refreshDesk,
    refreshZones,
    openDuty: () => store.state.desk && store.dispatch({ type: 'duty', open: true }),
    closeDuty: () => store.dispatch({ type: 'duty', open: false }),

    closeCard: () => store.dispatch({ type: 'select', selection: null }),
    openKeys: () => store.dispatch({ type: 'keys', open: true }),
    closeKeys: () => store.dispatch({ type: 'keys', open: false }),
    back() {
      const { keysOpen, dutyOpen, marked, answers, selection, show: shown, asOf } = store.state
      if (keysOpen) store.dispatch({ type: 'keys', open: false })
      else if (dutyOpen) store.dispatch({ type: 'duty', open: false })
      else if (marked.length || answers.length) store.dispatch({ type: 'unmark' })
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

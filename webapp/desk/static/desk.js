/** Start the desk: ask who is here, show what waits for them first, and hear of what changes. */
import { h, render } from '../vendor/preact.js'
import { atMostEvery, createActions } from '../command/actions.js'
import { createLook, hostMap } from '../command/map-host.js'
import { listenToKeys } from '../command/keys.js'
import * as queue from '../command/requests.js'
import { createStore, initialState } from '../command/state.js'
import { ringBell } from '../shared/bell.js'
import { loadWords, t } from '../shared/i18n.js'
import { follow, lastEvent } from '../shared/live.js'
import { keepSizes, NARROW, sayFailure } from '../shared/start-page.js'
import { currentTheme } from '../shared/theme.js'
import { followAddress, readAddress } from './address.js'
import { App } from './app.js'
import { listenToDeskKeys } from './keys.js'
import { countLists, listsOf } from './lists.js'
import * as requests from './requests.js'

const TICK_MS = 1000
const NEWS_MS = 2000

async function start() {
  const root = document.getElementById('desk')
  let tellSizes = () => {}
  keepSizes((phone) => tellSizes(phone))
  const heard = lastEvent().catch(() => null)
  const [me] = await Promise.all([queue.me(), loadWords()])
  if (!me.district) {
    root.classList.add('start-failure')
    root.textContent = t('There are no grids yet. Import a coverage, or start with the made-up district: gridmap up --demo.')
    return
  }
  const ahead = Date.parse(me.now) - Date.now()
  const now = () => Date.now() + ahead
  const asked = new URLSearchParams(location.search)
  const { selection, ...place } = readAddress(location.search, me.roles)
  const begun = { me, now: now(), clock: now(), theme: currentTheme(), phone: NARROW.matches, centre: await queue.ownCentre(me) }
  const store = createStore(initialState({ ...begun, ...place, work: null, news: 0, whistling: false, face: 'list' }))

  let hosted = null
  const look = createLook(() => hosted?.map, coveredByCard, store)
  const actions = deskActions(store, createActions(store, look))
  const startMap = (element, onHover) => {
    hosted = hostMap(element, store, { onGridAt: actions.selectGridAt, onHover, onReady() {}, onUsable() {} })
    return hosted.stop
  }

  store.subscribe((state, before) => {
    if (state.selection !== before.selection && state.selection) actions.reloadCard()
    if (!state.complete || !state.work || 'ready' in document.documentElement.dataset) return
    document.documentElement.dataset.ready = ''
    if (!asked.has('list') && !selection) openWhatWaits(store)
  })
  render(h(App, { page: { store, actions, startMap, zone: me.district.time_zone } }), root)
  followAddress(store)
  listenToDeskKeys(store, actions)
  listenToKeys(store, actions)
  if (selection) store.dispatch({ type: 'select', selection })
  actions.refreshWork()
  actions.refreshFigures()
  actions.reload().then(async () => listenLive(store, actions, await heard))
  setInterval(() => store.dispatch({ type: 'tick', now: now() }), TICK_MS)
  tellSizes = (phone) => store.dispatch({ type: 'prefer', phone })
}

/** Nobody begins with an empty list while something waits in the next one; who asked for a list is shown that. */
function openWhatWaits(store) {
  const { desk, list, rows, work, now, me } = store.state
  const counts = countLists(desk, rows, { now, work, waits: me.waits })
  const waiting = Object.keys(counts).find((name) => counts[name] > 0)
  if (counts[list] === 0 && waiting) store.dispatch({ type: 'prefer', list: waiting })
}

/** What can be done at every desk, and beside it what these desks do. */
function deskActions(store, common) {
  const loadWork = () =>
    requests.work().then(
      (work) => store.dispatch({ type: 'prefer', work }),
      (problem) => {
        if (problem.status === undefined) throw problem
        store.dispatch({ type: 'listFailed', sentence: problem.message })
      },
    )
  return {
    ...common,
    refreshWork: atMostEvery(NEWS_MS, loadWork),
    /** Lists that are no incidents read themselves anew when this moves. */
    tellNews: atMostEvery(NEWS_MS, () => store.dispatch({ type: 'prefer', news: store.state.news + 1 })),
    openDesk: (desk, list) => {
      store.dispatch({ type: 'cursor', id: null })
      store.dispatch({ type: 'prefer', desk, list, face: 'list' })
    },
    /** The form stands on top of the whistles; at a desk without that list there is nothing to blow. */
    whistle: (open) => {
      const { desk, list } = store.state
      const has = listsOf(desk).includes('whistles')
      store.dispatch({ type: 'prefer', whistling: open && has, list: open && has ? 'whistles' : list, face: 'list' })
    },
  }
}

function listenLive(store, actions, heard) {
  follow(
    {
      onChanges(changes) {
        if (changes.some((change) => change.kind === 'notice')) ringBell()
        const incidents = changes.filter((change) => change.kind === 'incident')
        if (!incidents.length || store.state.asOf !== null) return
        const items = incidents.map((change) => change.item).filter(Boolean)
        const gone = incidents.filter((change) => !change.item).map((change) => change.id)
        store.dispatch({ type: 'changed', items, gone, announce: true })
        if (incidents.some(({ id }) => id === store.state.selection?.id)) actions.reloadCard()
        readAnew(actions)
      },
      onReset() {
        store.dispatch({ type: 'relist' })
        actions.reload()
        actions.reloadCard()
        readAnew(actions)
      },
      onLink: (link) => store.state.link !== link && store.dispatch({ type: 'link', link }),
    },
    heard,
  )
}

function readAnew(actions) {
  actions.refreshWork()
  actions.refreshFigures()
  actions.tellNews()
}

const coveredByCard = () => ({ right: NARROW.matches ? 0 : (document.getElementById('card')?.offsetWidth ?? 0), bottom: 0 })

start().catch((error) => {
  sayFailure(document.getElementById('desk'), error)
  throw error
})

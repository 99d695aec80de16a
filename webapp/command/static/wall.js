/** Start the wall: read everything once, then listen; the cycle runs by itself. */
import { api } from '../shared/api.js'
import { loadWords } from '../shared/i18n.js'
import { h, render } from '../vendor/preact.js'
import { createActions } from './actions.js'
import { follow, lastEvent } from '../shared/live.js'
import * as requests from './requests.js'
import { createStore, initialState } from './state.js'
import { readCycle } from './wall-cycle.js'
import { Wall } from './wall-page.js'

const TICK_MS = 1000
const ANEW_MS = 60_000

async function start() {
  const root = document.getElementById('wall')
  const heard = await lastEvent().catch(() => null)
  const [me] = await Promise.all([requests.me(), loadWords()])
  const ahead = Date.parse(me.now) - Date.now()
  const now = () => Date.now() + ahead
  const store = createStore(initialState({ me, now: now(), clock: now(), theme: 'wall', areas: await townships() }))
  const actions = createActions(store, {})
  const page = { store, actions, zone: me.district.time_zone, cycle: readCycle(location.search), onMapReady: () => isReady('map') }

  await Promise.all([actions.reload(), actions.figuresNow()])
  render(h(Wall, { page }), root)
  isReady('panel')
  setInterval(() => store.dispatch({ type: 'tick', now: now() }), TICK_MS)
  setInterval(async () => {
    actions.figuresNow()
    store.dispatch({ type: 'prefer', areas: await townships(store.state.areas) })
  }, ANEW_MS)
  follow(ears(store, actions), heard)
}

/** Where the townships lie; without network they lie where they lay. */
const townships = (before = []) =>
  api.get('/areas', { kind: 'township' }).then(
    ({ items }) => items,
    () => before,
  )

const ears = (store, actions) => ({
  onChanges(changes) {
    const incidents = changes.filter((change) => change.kind === 'incident')
    const items = incidents.map((change) => change.item).filter(Boolean)
    const gone = incidents.filter((change) => !change.item).map((change) => change.id)
    if (incidents.length) store.dispatch({ type: 'changed', items, gone })
    if (changes.some((change) => change.kind === 'edition')) requests.me().then((me) => store.dispatch({ type: 'me', me }))
    actions.refreshFigures()
  },
  onReset() {
    store.dispatch({ type: 'relist' })
    actions.reload()
    actions.refreshFigures()
  },
  onLink(link) {
    if (store.state.link === link) return
    if (link === 'live') actions.refreshFigures()
    store.dispatch({ type: 'link', link })
  },
})

const parts = new Set()
function isReady(part) {
  parts.add(part)
  if (parts.size === 2) document.documentElement.dataset.ready = ''
}

start().catch((error) => {
  const root = document.getElementById('wall')
  root.textContent = error.message
  root.classList.add('start-failure')
  throw error
})

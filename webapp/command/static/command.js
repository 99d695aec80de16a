/** Start the command page: ask for everything at once, show it as it comes, then listen. */
import { ringBell } from '../shared/bell.js'
import { loadWords, t } from '../shared/i18n.js'
import { currentTheme } from '../shared/theme.js'
import { h, render } from '../vendor/preact.js'
import { createActions } from './actions.js'
import { followAddress, readAddress } from './address.js'
import { App } from './app.js'
import { listenToKeys } from './keys.js'
import { follow, lastEvent } from '../shared/live.js'
import { keepSizes, NARROW, sayFailure } from '../shared/start-page.js'
import { createLook, hostMap } from './map-host.js'
import { readPreferences } from './preferences.js'
import * as requests from './requests.js'
import { chime } from './sound.js'
import { createStore, initialState } from './state.js'

const TICK_MS = 1000
const FIGURES_MS = 60_000
const LONGEST_TURN_MS = 3000

async function start() {
  const root = document.getElementById('command')
  let tellSizes = () => {}
  keepSizes((phone) => tellSizes(phone))
  // Asked for at once: the rows need not wait for the answer to who is asking.
  const heard = lastEvent().catch(() => null)
  const { asOf = null } = readAddress(location.search)
  const first = heard.then(() => requests.firstOpenPage(asOf))
  first.catch(() => {}) // told where the rows are shown
  const [me] = await Promise.all([requests.me(), loadWords()])
  if (!me.district) return sayNothingIsHere(root)
  const wishes = readAddress(location.search)
  const ahead = Date.parse(me.now) - Date.now()
  const now = () => Date.now() + ahead
  const { selection = null, ...rest } = wishes
  const centre = wishes.view ? null : await requests.ownCentre(me)
  const desk = { me, now: asOf ?? now(), clock: now(), theme: currentTheme(), phone: NARROW.matches, centre, marking: true }
  const store = createStore(initialState({ ...readPreferences(), ...rest, ...desk }))

  // Of thousands of rows a dozen are seen: the others wait until the grids are drawn, or for so long.
  let drawn
  const turn = new Promise((resolve) => { drawn = resolve })
  setTimeout(drawn, LONGEST_TURN_MS)
  let hosted = null
  const look = createLook(() => hosted?.map, coveredByPanels, store)
  const actions = createActions(store, look)
  const startMap = (element, onHover) => {
    const onUsable = () => {
      isReady('grids')
      drawn()
    }
    hosted = hostMap(element, store, { onGridAt: actions.selectGridAt, onHover, onReady: () => isReady('map'), onUsable })
    return hosted.stop
  }
  const page = { store, actions, startMap, zone: me.district.time_zone }

  answerState(store, actions, look)
  render(h(App, { page }), root)
  if (selection) store.dispatch({ type: 'select', selection })
  followAddress(store)
  listenToKeys(store, actions)

  actions.reloadFrom(first, turn).then(async () => listenLive(store, actions, await heard))
  actions.refreshFigures()
  actions.refreshMine()
  actions.refreshDesk()
  actions.refreshZones()
  tellSizes = (phone) => store.dispatch({ type: 'prefer', phone })
  keepTime(store, actions, now)
}

/** Before the first coverage is imported there is no map to show. */
function sayNothingIsHere(root) {
  root.classList.add('start-failure')
  root.textContent = t('There are no grids yet. Import a coverage, or start with the made-up district: gridmap up --demo.')
}

/**
 * Usable once the first rows and the grids are on the screen, ready once the whole picture of the map is. The one is
 * measured, the other is what tests and pictures wait for.
 */
const parts = new Set()
function isReady(part) {
  if (parts.has(part)) return
  parts.add(part)
  const has = (...names) => names.every((name) => parts.has(name))
  if (part !== 'map' && has('queue', 'grids')) performance.mark('usable')
  if (part === 'grids' || !has('queue', 'map')) return
  performance.mark('whole')
  document.documentElement.dataset.ready = ''
}

/** What follows from a change of state: a selected thing is fetched, a filter may need more rows. */
function answerState(store, actions, look) {
  store.subscribe((state, before) => {
    if (state.selection !== before.selection && state.selection) actions.reloadCard()
    if (state.rows.length || state.complete || state.listError) requestAnimationFrame(() => isReady('queue'))
    if ((state.show !== before.show || state.asOf !== before.asOf) && state.show === 'today') actions.loadClosedToday()
    if (state.asOf !== before.asOf) {
      actions.reload()
      actions.figuresNow()
      if (state.selection === before.selection) actions.reloadCard()
    }
    if (state.layers !== before.layers) actions.prefer({})
    if (state.detail?.item && !before.detail?.item) uncover(look, state.detail)
    const [newest] = state.toasts
    if (state.sound && newest && !before.toasts.includes(newest)) chime(state.rows.find((row) => row.id === newest.id).severity)
  })
}

function uncover(look, { kind, item }) {
  if (kind === 'incident' && item.place && item.place.lon !== null) look.uncover(item.place.lon, item.place.lat)
  else if (kind === 'grid') look.uncover(...item.label)
  else look.uncover(item.lon, item.lat)
}

/** Clocks run by the server's time; figures that only time moves are fetched once a minute. */
function keepTime(store, actions, now) {
  setInterval(() => store.dispatch({ type: 'tick', now: now() }), TICK_MS)
  setInterval(() => {
    if (store.state.asOf === null) actions.refreshFigures()
    actions.refreshMine()
    actions.refreshDesk()
  }, FIGURES_MS)
}

function listenLive(store, actions, heard) {
  const ears = {
    onChanges(changes) {
      if (changes.some((change) => change.kind === 'notice')) {
        ringBell()
        actions.refreshDesk()
      }
      if (changes.some((change) => change.kind === 'edition')) requests.me().then((me) => store.dispatch({ type: 'me', me }))
      // Who looks back is not disturbed; with the return to now everything is read anew.
      if (store.state.asOf !== null) return
      if (changes.some((change) => change.kind === 'safe-zone')) actions.refreshZones()
      const incidents = changes.filter((change) => change.kind === 'incident')
      const items = incidents.map((change) => change.item).filter(Boolean)
      const gone = incidents.filter((change) => !change.item).map((change) => change.id)
      if (incidents.length) store.dispatch({ type: 'changed', items, gone, announce: true })
      const { selection } = store.state
      if (selection && changes.some((change) => change.id === selection.id)) actions.reloadCard()
      actions.refreshFigures()
    },
    onReset() {
      if (store.state.asOf !== null) return
      store.dispatch({ type: 'relist' })
      actions.reload()
      actions.refreshFigures()
      actions.reloadCard()
    },
    onLink: (link) => store.state.link !== link && store.dispatch({ type: 'link', link }),
  }
  follow(ears, heard)
}

/** How much of the map the card covers: on desks its right side, on phones its lower part. */
function coveredByPanels() {
  const card = document.getElementById('card')
  if (NARROW.matches) return { right: 0, bottom: document.querySelector('.command').dataset.sheet === 'map' ? 0 : innerHeight * 0.55 }
  return { right: card?.offsetWidth ?? 0, bottom: 0 }
}

start().catch((error) => {
  sayFailure(document.getElementById('command'), error)
  throw error
})

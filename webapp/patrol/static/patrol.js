/** Start the patrol page: from what the phone keeps at once, then from what the server says. */
import { loadWords, t } from '../shared/i18n.js'
import { h, render } from '../vendor/preact.js'
import { askServer, keptOnPhone } from './account.js'
import { createActions } from './actions.js'
import { followAddress } from './address.js'
import { App } from './app.js'
import { makeGround } from './ground.js'
import { refreshPatrol } from './keep.js'
import { watchPosition } from './position.js'
import { countWaiting, openQueue } from './queue/queue.js'
import { createWorld, firstWorld } from './world.js'

const TICK_MS = 1000
/** What others did to the list of today is seen this late at most. */
const REFRESH_MS = 60_000

async function start() {
  await loadWords()
  const world = createWorld(firstWorld())
  const page = createPage(world)
  followAddress(world)
  watchPosition((position) => world.set({ position }))
  watchLine(world, page)
  watchInstall(world)
  if (!isSecureContext) world.set({ lacking: overPlainHttp() })
  render(h(App, { page: { world, actions: page.actions } }), document.getElementById('patrol'))

  const kept = await keptOnPhone()
  if (kept.account) await page.enter(kept.account)
  if (kept.patrol) page.show(kept.patrol)
  await page.refresh()
  // With a map on the screen it is the map that says when all is drawn.
  if (!document.querySelector('.map')) document.documentElement.dataset.ready = ''
  setInterval(() => world.set({ now: page.now() }), TICK_MS)
  setInterval(() => document.visibilityState === 'visible' && page.refresh(), REFRESH_MS)
}

/** What a browser withholds from a page that anybody on the way could have changed, and what to do then. */
const overPlainHttp = () =>
  t('This page came over plain http. There a browser gives no position, keeps nothing for times without network and lets nobody sign in. Ask your administrator for the https address. Without a position a pin on the map or the position of a photo will do.')

/** Everything that follows from who holds the phone. */
function createPage(world) {
  let queue = null
  let ahead = 0
  const show = (patrol) => world.state.patrol !== patrol && world.set({ patrol, ground: makeGround(patrol) })
  const needSignIn = () => world.set({ signInNeeded: true })

  /** Open the queue of an account; what cannot be kept is said in a sentence, and the page goes on without. */
  const enter = async (account) => {
    if (world.state.account?.id === account.id) return
    world.set({ account })
    try {
      queue = await openQueue({ account, onSignInNeeded: needSignIn })
    } catch (error) {
      if (error.name !== 'QueueProblem') throw error
      return world.set({ lacking: world.state.lacking ?? error.message })
    }
    const follow = () => world.set({ items: queue.items(), counts: queue.counts() })
    queue.subscribe(follow)
    return follow()
  }

  /** Ask who is signed in and what there is to do; without an answer what is kept stays on the screen. */
  const refresh = async () => {
    const { me, signInNeeded, silent } = await askServer()
    // A phone on a network whose server cannot be reached is as good as without one.
    world.set({ online: !silent, ...(!silent && { signInNeeded }) })
    if (signInNeeded) return leaveScreen(world)
    if (!me) return undefined
    ahead = Date.parse(me.now) - Date.now()
    await enter(me.person)
    return refreshPatrol(me.person).then(show, ignoreSilence)
  }
  return { now: () => Date.now() + ahead, show, enter, refresh, actions: createActions(world, { queue: () => queue, refresh }) }
}

/** Nobody is signed in here: only how much waits may be told. */
async function leaveScreen(world) {
  const others = await countWaiting().catch(ignoreProblem)
  world.set({ account: null, patrol: null, ground: null, items: [], counts: { waiting: 0, sending: 0, received: 0, refused: 0, others: others ?? 0 } })
}

/** What was sent changes the list of today; a line that comes back is worth a look. */
function watchLine(world, page) {
  addEventListener('online', () => {
    world.set({ online: true })
    page.refresh()
  })
  addEventListener('offline', () => world.set({ online: false }))
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && page.refresh())
  world.subscribe((state, before) => state.counts.received > before.counts.received && page.refresh())
}

/** Some browsers offer to put the page on the home screen: the offer waits in the account sheet and never pops up. */
function watchInstall(world) {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    world.set({ install: event })
  })
  addEventListener('appinstalled', () => world.set({ install: null }))
}

/** A line that gave no answer: what is kept stays. Anything else is a fault of ours. */
function ignoreSilence(error) {
  if (error.name !== 'Problem') throw error
}

function ignoreProblem(error) {
  if (error.name !== 'QueueProblem') throw error
}

start().catch((error) => {
  const root = document.getElementById('patrol')
  root.textContent = t('The page could not start: %(why)s', { why: error.message })
  throw error
})

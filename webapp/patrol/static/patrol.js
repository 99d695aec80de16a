/** Start the patrol page: from what the phone keeps at once, then from what the server says. */
import { loadWords, t } from '../shared/i18n.js'
import { h, render } from '../vendor/preact.js'
import { askServer, keptOnPhone } from './account.js'
import { createActions } from './actions.js'
import { followAddress } from './address.js'
import { App } from './app.js'
import { makeGround } from './ground.js'
import { forgetToday, refreshPatrol } from './keep.js'
import { watchPosition } from './position.js'
import { countWaiting, openQueue } from './queue/queue.js'
import { createWorld, firstWorld, noCounts, noneBegun } from './world.js'

const TICK_MS = 1000
/** What others did to the list of today is seen this late at most. */
const REFRESH_MS = 60_000
/** So long after the last thing that went through the list of today is asked for. */
const SETTLED_MS = 500
/** Screens on which somebody may be in the middle of something that is nowhere else yet. */
const WRITING = ['report', 'incident']

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
  /** The server has known this page's account, or could not be asked: whoever writes here may go on. */
  let settled = false
  /** One queue an account, however often it comes and goes. */
  const opened = new Map()
  const show = (patrol) => world.state.patrol !== patrol && world.set({ patrol, ground: makeGround(patrol) })
  const needSignIn = () => world.set({ signInNeeded: true })

  /** Open the queue of an account; what cannot be kept is said in a sentence, and the page goes on without. */
  const enter = async (account) => {
    if (world.state.account?.id === account.id) return
    queue = null
    world.set({ account })
    const own = await queueOf(account)
    // Whoever came while it was being opened has the phone now.
    if (world.state.account?.id !== account.id) return
    queue = own
    if (!own) return
    world.set(shownOf(own))
    own.sendNow()
  }

  /** The queue of an account, null where nothing can be kept; it goes on sending, and shows itself to its own alone. */
  const queueOf = async (account) => {
    if (opened.has(account.id)) return opened.get(account.id)
    try {
      const own = await openQueue({ account, onSignInNeeded: needSignIn })
      own.subscribe(() => queue === own && world.set(shownOf(own)))
      opened.set(account.id, own)
      return own
    } catch (error) {
      if (error.name !== 'QueueProblem') throw error
      world.set({ lacking: world.state.lacking ?? error.message })
      return null
    }
  }

  /** What the session showed of other people goes from the phone, and the screen follows. */
  const endSession = async () => {
    if (world.state.account) await forgetToday(world.state.account)
    return leaveScreen()
  }

  /**
   * Nobody is signed in here: only how much waits may be told. What somebody is just writing is kept first; a page that
   * has only just been opened has nobody writing in it yet.
   */
  const leaveScreen = async () => {
    if (world.state.account && settled && WRITING.includes(world.state.screen.name)) return
    queue = null
    world.set({ account: null, patrol: null, ground: null, items: [], counts: noCounts(), begun: noneBegun() })
    const left = await countWaiting().catch(ignoreProblem)
    if (world.state.account !== null || !left) return
    world.set({ counts: { ...noCounts(), others: left.waiting }, begun: { own: 0, others: left.begun } })
  }
  world.subscribe((state, before) => state.screen !== before.screen && state.signInNeeded && leaveScreen())

  const ask = async () => {
    const { me, signInNeeded, silent } = await askServer()
    // A phone on a network whose server cannot be reached is as good as without one.
    world.set({ online: !silent, ...(!silent && { signInNeeded }) })
    if (signInNeeded) return endSession()
    settled = true
    if (!me) return undefined
    ahead = Date.parse(me.now) - Date.now()
    await enter(me.person)
    return refreshPatrol(me.person).then((patrol) => world.state.account?.id === me.person.id && show(patrol), ignoreSilence)
  }
  /** Ask who is signed in and what there is to do; without an answer what is kept stays on the screen. */
  const refresh = oneAtATime(ask)
  return { now: () => Date.now() + ahead, show, enter, refresh, actions: createActions(world, { queue: () => queue, refresh }) }
}

const shownOf = (queue) => ({ items: queue.items(), counts: queue.counts(), begun: queue.begun() })

/** Whoever asks while an answer is awaited shares the next one: a late answer never comes after a newer one. */
function oneAtATime(work) {
  let running = null
  let next = null
  const begin = () => {
    running = work().finally(() => { running = null })
    return running
  }
  return () => {
    if (!running) return begin()
    next ??= running.then(ignoreAnswer, ignoreAnswer).then(() => {
      next = null
      return begin()
    })
    return next
  }
}

/** Who began it is told how it ended. */
const ignoreAnswer = () => {}

/** What was sent changes the list of today; a line that comes back is worth a look. */
function watchLine(world, page) {
  addEventListener('online', () => {
    world.set({ online: true })
    page.refresh()
  })
  addEventListener('offline', () => world.set({ online: false }))
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && page.refresh())
  let news = null
  world.subscribe((state, before) => {
    if (state.counts.received <= before.counts.received) return
    // Hundreds may go through one after another.
    clearTimeout(news)
    news = setTimeout(page.refresh, SETTLED_MS)
  })
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

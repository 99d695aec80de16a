/** Start the planner's page: who sits here, the plans, and the one that the address names. */
import { api, whenSignedOut } from '../shared/api.js'
import { loadWords, t } from '../shared/i18n.js'
import { signInAgain } from '../shared/sign-in-again.js'
import { keepSizes, NARROW, sayFailure } from '../shared/start-page.js'
import { currentTheme } from '../shared/theme.js'
import { h, render } from '../vendor/preact.js'
import { followAddress, readAddress } from './address.js'
import { listenToKeys } from './keys.js'
import { followOthers } from './following.js'
import { hostDraft } from './draft-map.js'
import { Shell } from './shell.js'
import { createStore } from './store.js'

async function start() {
  const root = document.getElementById('planner')
  let tellSizes = () => {}
  keepSizes((phone) => tellSizes(phone))
  const [me] = await Promise.all([api.get('/me'), loadWords()])
  if (!me.district) return sayNothingIsHere(root)
  whenSignedOut(() => signInAgain(me.person.login))
  const { plan, ...wishes } = readAddress(location.search)
  const session = { me, zone: me.district.time_zone, theme: currentTheme(), phone: NARROW.matches, ...wishes }
  const store = createStore({ api, session })
  let hosted = null
  let mapIsReady
  const mapReady = new Promise((resolve) => { mapIsReady = resolve })
  const startMap = (element) => {
    hosted = hostDraft(element, store, api, { onReady: mapIsReady })
    return hosted.stop
  }
  render(h(Shell, { store, startMap, mapNow: () => hosted }), root)
  listenToKeys(store, () => hosted)
  tellSizes = store.actions.setPhone
  if (plan) await store.actions.openPlan(plan)
  followAddress(store)
  followOthers(store).catch((error) => {
    if (error.status === undefined) throw error
  })
  await mapReady
  await hosted.seen()
  document.documentElement.dataset.ready = ''
}

/** Before the first coverage is imported there is nothing to redraw. */
function sayNothingIsHere(root) {
  root.classList.add('start-failure')
  root.textContent = t('There are no grids yet. Import a coverage, or start with the made-up district: gridmap up --demo.')
}

start().catch((error) => {
  sayFailure(document.getElementById('planner'), error)
  throw error
})

/** What the address of the page says and back: the plan, the tool in hand, and the place, so that a link shows what I see. */
import { TOOLS } from './store.js'

const PLAN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const USUAL_TOOL = 'move'
/** Browsers refuse more than some hundred changes in half a minute. */
const WAIT_MS = 400

/**
 * Read the query string; what it does not say, or says wrongly, is left out.
 * @param {string} query
 * @returns {{ plan?: string, tool?: string, compare?: string, view?: { centre: number[], zoom: number } }}
 */
export function readAddress(query) {
  const fields = new URLSearchParams(query)
  const wishes = {}
  if (PLAN.test(fields.get('plan') ?? '')) wishes.plan = fields.get('plan')
  if (TOOLS.includes(fields.get('tool'))) wishes.tool = fields.get('tool')
  if (fields.get('compare') === 'swipe') wishes.compare = 'swipe'
  if (fields.get('side') === 'zones') wishes.side = 'zones'
  const [lon, lat, zoom] = (fields.get('at') ?? '').split(',').map(Number)
  const sound = fields.has('at') && [lon, lat, zoom].every(Number.isFinite) && Math.abs(lon) <= 180 && Math.abs(lat) <= 85
  if (sound) wishes.view = { centre: [lon, lat], zoom: Math.min(22, Math.max(1, zoom)) }
  return wishes
}

/** @returns {string} the query string for a state, empty when all is as usual */
export function writeAddress({ plan, tool, compare, side, view }) {
  const fields = [
    plan && `plan=${plan.id}`,
    plan && tool !== USUAL_TOOL && `tool=${tool}`,
    plan && compare !== 'off' && `compare=${compare}`,
    !plan && side === 'zones' && 'side=zones',
    view && `at=${view.centre[0].toFixed(5)},${view.centre[1].toFixed(5)},${view.zoom.toFixed(2)}`,
  ].filter(Boolean)
  return fields.length ? `?${fields.join('&')}` : ''
}

/** Keep the address in step with the store; Back closes a plan or opens it again. */
export function followAddress(store) {
  let last = location.search
  const write = (push) => {
    const query = writeAddress(store.get())
    if (query === last) return
    last = query
    history[push ? 'pushState' : 'replaceState'](null, '', query || location.pathname)
  }
  let later
  store.subscribe((state, before) => {
    clearTimeout(later)
    if (state.plan?.id !== before.plan?.id && state.plan?.id !== readAddress(last).plan) write(true)
    else later = setTimeout(write, WAIT_MS, false)
  })
  addEventListener('popstate', () => {
    last = location.search
    const { plan } = readAddress(last)
    if (plan && plan !== store.get().plan?.id) store.actions.openPlan(plan)
    else if (!plan && store.get().plan) store.actions.closePlan()
  })
}

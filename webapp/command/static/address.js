/** What the address of the page says and back: filter, selection and view, so that a link shows what I see. */
import { COLOURINGS, LAYERS } from './state.js'
import { FILTERS } from './queue-rows.js'

const SELECTABLE = ['incident', 'grid', 'device', 'place']
const LISTS = ['people', 'silent']
const PLACE = /^-?\d{1,3}(\.\d+)?,-?\d{1,2}(\.\d+)?$/
const USUAL_LAYERS = 'incidents'

/**
 * Read the query string; what it does not say, or says wrongly, is left out.
 * @param {string} query
 * @returns {{ show?: string, selection?: object, colouring?: string, layers?: string[], asOf?: number, view?: object }}
 */
export function readAddress(query) {
  const fields = new URLSearchParams(query)
  const wishes = {}
  const show = fields.get('show')
  if (Object.keys(FILTERS).includes(show) || LISTS.includes(show)) wishes.show = show
  const kind = SELECTABLE.find((name) => fields.get(name))
  if (kind && (kind !== 'place' || PLACE.test(fields.get(kind)))) wishes.selection = { kind, id: fields.get(kind) }
  const colouring = fields.get('by')
  if (COLOURINGS.includes(colouring)) wishes.colouring = colouring
  if (fields.has('on')) wishes.layers = LAYERS.filter((name) => fields.get('on').split(',').includes(name))
  const asOf = Date.parse(fields.get('as_of') ?? '')
  if (asOf < Date.now()) wishes.asOf = asOf
  const view = readView(fields.get('at'))
  if (view) wishes.view = view
  return wishes
}

function readView(text) {
  const [lon, lat, zoom] = (text ?? '').split(',').map(Number)
  const sound = text && [lon, lat, zoom].every(Number.isFinite) && Math.abs(lon) <= 180 && Math.abs(lat) <= 85
  return sound ? { centre: [lon, lat], zoom: Math.min(22, Math.max(1, zoom)) } : null
}

/** @returns {string} the query string for a state, empty when all is as usual */
export function writeAddress({ show, selection, colouring, layers = ['incidents'], asOf = null, view }) {
  const fields = new URLSearchParams()
  if (show !== 'all') fields.set('show', show)
  if (selection) fields.set(selection.kind, selection.id)
  if (colouring !== 'kind') fields.set('by', colouring)
  const on = LAYERS.filter((name) => layers.includes(name)).join()
  if (on !== USUAL_LAYERS) fields.set('on', on)
  if (asOf !== null) fields.set('as_of', `${new Date(asOf).toISOString().slice(0, 16)}Z`)
  // Commas and colons stay readable in a link that people send each other.
  const query = fields.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')
  const at = view && `at=${view.centre[0].toFixed(5)},${view.centre[1].toFixed(5)},${view.zoom.toFixed(2)}`
  const all = [query, at].filter(Boolean).join('&')
  return all && `?${all}`
}

/** Keep the address in step with the store; Back leads to what was seen before: filter, selection, layers and view. */
export function followAddress(store) {
  let last = location.search
  let following = false
  const write = (push) => {
    const query = writeAddress(store.state)
    if (query === last) return
    last = query
    history[push ? 'pushState' : 'replaceState'](null, '', query || location.pathname)
  }
  let later
  store.subscribe((state, before) => {
    if (following) return
    const turned = (state.asOf === null) !== (before.asOf === null)
    if (state.selection !== before.selection || state.show !== before.show || turned) write(true)
    else if (['view', 'colouring', 'layers', 'asOf'].some((name) => state[name] !== before[name])) {
      // Browsers refuse more than some hundred changes in half a minute.
      clearTimeout(later)
      later = setTimeout(write, 400, false)
    }
  })
  addEventListener('popstate', () => {
    last = location.search
    // What the address says is taken over step by step, and none of the steps is an entry of its own.
    following = true
    const wishes = readAddress(last)
    const { selection = null, show = 'all', colouring = 'kind', layers = [USUAL_LAYERS], asOf = null, view } = wishes
    const differs = (change) => writeAddress({ ...store.state, ...change }) !== writeAddress(store.state)
    if (show !== store.state.show) store.dispatch({ type: 'show', show })
    if (colouring !== store.state.colouring) store.dispatch({ type: 'colouring', colouring })
    if (asOf !== store.state.asOf) store.dispatch({ type: 'lookAt', asOf })
    if (differs({ layers })) store.dispatch({ type: 'prefer', layers })
    if (differs({ selection })) store.dispatch({ type: 'select', selection })
    if (view && differs({ view })) store.dispatch({ type: 'view', view, go: true })
    following = false
  })
}

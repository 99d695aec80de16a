/** What the address of the page says and back: filter, selection and view, so that a link shows what I see. */
import { COLOURINGS } from './state.js'
import { FILTERS } from './queue-rows.js'

const SELECTABLE = ['incident', 'grid', 'device']
const LISTS = ['people', 'silent']

/**
 * Read the query string; what it does not say, or says wrongly, is left out.
 * @param {string} query
 * @returns {{ show?: string, selection?: object, colouring?: string, view?: object }}
 */
export function readAddress(query) {
  const fields = new URLSearchParams(query)
  const wishes = {}
  const show = fields.get('show')
  if (Object.keys(FILTERS).includes(show) || LISTS.includes(show)) wishes.show = show
  const kind = SELECTABLE.find((name) => fields.get(name))
  if (kind) wishes.selection = { kind, id: fields.get(kind) }
  const colouring = fields.get('by')
  if (COLOURINGS.includes(colouring)) wishes.colouring = colouring
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
export function writeAddress({ show, selection, colouring, view }) {
  const fields = new URLSearchParams()
  if (show !== 'all') fields.set('show', show)
  if (selection) fields.set(selection.kind, selection.id)
  if (colouring !== 'kind') fields.set('by', colouring)
  const query = fields.toString()
  // Commas stay readable in a link that people send each other.
  const at = view && `at=${view.centre[0].toFixed(5)},${view.centre[1].toFixed(5)},${view.zoom.toFixed(2)}`
  const all = [query, at].filter(Boolean).join('&')
  return all && `?${all}`
}

/** Keep the address in step with the store; Back takes a selection or filter back. */
export function followAddress(store) {
  let last = location.search
  const write = (push) => {
    const query = writeAddress(store.state)
    if (query === last) return
    last = query
    history[push ? 'pushState' : 'replaceState'](null, '', query || location.pathname)
  }
  let later
  store.subscribe((state, before) => {
    if (state.selection !== before.selection || state.show !== before.show) write(true)
    else if (state.view !== before.view || state.colouring !== before.colouring) {
      // Browsers refuse more than some hundred changes in half a minute.
      clearTimeout(later)
      later = setTimeout(write, 400, false)
    }
  })
  addEventListener('popstate', () => {
    last = location.search
    const wishes = readAddress(last)
    const { selection = null, show = 'all' } = wishes
    if (show !== store.state.show) store.dispatch({ type: 'show', show })
    if (writeAddress({ ...store.state, selection }) !== writeAddress(store.state)) store.dispatch({ type: 'select', selection })
  })
}

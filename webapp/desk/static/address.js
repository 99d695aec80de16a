/** What the address of the desk says and back: desk, list and the thing that is open, so that a link shows what I see. */
import { desksOf, listsOf } from './lists.js'

const SELECTABLE = ['incident', 'grid', 'device', 'place']

/**
 * Read the query string; what is not this reader's falls back to the first of their desks.
 * @returns {{ desks: string[], desk: string, list: string, selection: object|null }}
 */
export function readAddress(query, roles) {
  const fields = new URLSearchParams(query)
  const desks = desksOf(roles)
  const desk = desks.includes(fields.get('desk')) ? fields.get('desk') : desks[0]
  const lists = listsOf(desk)
  const list = lists.includes(fields.get('list')) ? fields.get('list') : lists[0]
  const kind = SELECTABLE.find((name) => fields.get(name))
  return { desks, desk, list, selection: kind ? { kind, id: fields.get(kind) } : null }
}

/** @returns {string} the query string for a state */
export function writeAddress({ desks, desk, list, selection }) {
  const fields = new URLSearchParams()
  if (desk !== desks[0]) fields.set('desk', desk)
  if (list !== listsOf(desk)[0]) fields.set('list', list)
  if (selection) fields.set(selection.kind, selection.id)
  const query = fields.toString()
  return query && `?${query}`
}

/** Keep the address in step with the store; Back leads to what was seen before. */
export function followAddress(store) {
  let last = writeAddress(store.state)
  store.subscribe((state) => {
    const query = writeAddress(state)
    if (query === last) return
    last = query
    history.pushState(null, '', query || location.pathname)
  })
  addEventListener('popstate', () => {
    const { desk, list, selection } = readAddress(location.search, store.state.me.roles)
    last = writeAddress({ ...store.state, desk, list, selection })
    const { selection: shown } = store.state
    if (selection?.id !== shown?.id || selection?.kind !== shown?.kind) store.dispatch({ type: 'select', selection })
    store.dispatch({ type: 'prefer', desk, list })
  })
}

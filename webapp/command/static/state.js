/** What the command page knows, and the only ways it changes: pure reducers and one small store. */
import { leaveOut, shiftLoad, takeIn } from './open-incidents.js'
import { joined, toggled } from './marking.js'
import { isEnded } from '../shared/words.js'

export const COLOURINGS = ['kind', 'open', 'overdue']
export const LAYERS = ['incidents', 'devices', 'sites']
/** A step that is asked for what is marked, not for the open incident. */
export const MARKED = 'marked'
const TOASTS_KEPT = 20
/** News are told for a minute; the row in the queue stays. */
const TOAST_MS = 60_000
/** While pages still arrive, an incident that is not listed may be an old one. */
const RECENT_MS = 900_000

/** @returns {object} the state before anything has arrived */
export function initialState(wishes = {}) {
  return {
    me: null,
    /** The moment that is shown, and the server's time: they part while one looks back. */
    now: Date.now(),
    clock: Date.now(),
    asOf: null,
    editions: null,
    rows: [],
    complete: false,
    total: null,
    listError: null,
    mine: null,
    closedToday: null,
    numbers: null,
    load: {},
    show: 'all',
    cursor: null,
    /** Rows are marked on the page that shows what is marked, and nowhere else. */
    marking: false,
    marked: [],
    /** What became of the last step that was taken of many. */
    answers: [],
    selection: null,
    detail: null,
    stepAsked: null,
    colouring: 'kind',
    layers: ['incidents'],
    view: null,
    centre: null,
    toasts: [],
    link: 'live',
    sheet: 'map',
    phone: false,
    keysOpen: false,
    dutyOpen: false,
    /** Safe zones that hold, their panel, and one that is being drawn. */
    zones: [],
    zonesOpen: false,
    zoneDraft: null,
    desk: null,
    sound: false,
    singleKeys: true,
    theme: 'desk',
    ...wishes,
  }
}

const steps = {
  me: (state, { me }) => ({ ...state, me }),
  tick: (state, { now }) => ({
    ...state,
    clock: now,
    now: state.asOf ?? now,
    toasts: keepToasts(state.toasts, (toast) => now - toast.saidAt < TOAST_MS),
  }),
  /** Look back at an instant, or at now again. What is on the screen stays until that moment's rows have come. */
  lookAt: (state, { asOf }) => ({ ...state, asOf, now: asOf ?? state.clock, marked: [], complete: false, closedToday: null, toasts: [] }),
  editions: (state, { editions }) => ({ ...state, editions }),

  /** One page of the queue, as the server lists it. */
  page: (state, { items, total, last, anew }) => ({
    ...state,
    rows: takeIn(anew ? [] : state.rows, items),
    total: total ?? state.total,
    complete: state.complete || last,
    listError: null,
  }),
  listFailed: (state, { sentence }) => ({ ...state, listError: sentence }),
  /** Everything that was listed may be stale; it is listed anew. */
  relist: (state) => ({ ...state, rows: [], marked: [], complete: false, total: null, listError: null, toasts: [] }),

  /** Incidents changed, here or elsewhere. `gone` are ids that left our sight. */
  changed: (state, { items = [], gone = [], announce = false }) => {
    const known = new Map(state.rows.map((row) => [row.id, row]))
    const news = items.filter((item) => !(known.get(item.id)?.seq > item.seq))
    let load = state.load
    for (const item of news) {
      load = shiftLoad(load, known.get(item.id), isEnded(item) ? undefined : item, state.now)
    }
    for (const id of gone) load = shiftLoad(load, known.get(id), undefined, state.now)
    const rows = leaveOut(takeIn(state.rows, news), gone)
    const marked = stillThere(state.marked, rows)
    const grown = rows.length - state.rows.length
    const isNews = (item) =>
      !known.has(item.id) && !isEnded(item) && (state.complete || state.now - Date.parse(item.occurred_at) < RECENT_MS)
    const arrived = announce ? news.filter(isNews) : []
    return {
      ...state,
      rows,
      marked,
      load,
      total: state.total === null ? null : Math.max(rows.length, state.total + grown),
      toasts: nextToasts(state, arrived, rows),
    }
  },

  mine: (state, { ids }) => ({ ...state, mine: new Set(ids) }),
  closedToday: (state, { items }) => ({ ...state, closedToday: items }),
  numbers: (state, { numbers }) => ({ ...state, numbers }),
  load: (state, { load }) => ({ ...state, load }),

  show: (state, { show }) => ({ ...state, show, cursor: null }),
  cursor: (state, { id }) => ({ ...state, cursor: id }),
  /** Mark a row or take its mark away; whoever looks back marks nothing, for there is nothing to do. */
  mark: (state, { id }) => withMarks(state, toggled(state.marked, id)),
  markAll: (state, { ids }) => withMarks(state, joined(state.marked, ids)),
  /** Nothing is marked any more, and the answers have been read. */
  unmark: (state) => ({ ...state, marked: [], answers: [], stepAsked: null }),
  /** Those that took the step are marked no more; those that did not stay, with the reason. */
  answered: (state, { answers }) => {
    const taken = new Set(answers.filter((answer) => answer.taken).map(({ row }) => row.id))
    return { ...state, answers, marked: state.marked.filter((id) => !taken.has(id)), stepAsked: null }
  },
  select: (state, { selection }) => ({
    ...state,
    selection,
    cursor: selection?.kind === 'incident' ? selection.id : state.cursor,
    detail: selection ? { ...selection, status: 'loading', item: sameThing(state.detail, selection)?.item } : null,
    toasts: keepToasts(state.toasts, (toast) => toast.id !== selection?.id),
    sheet: selection ? 'card' : state.sheet === 'card' ? 'map' : state.sheet,
  }),
  detail: (state, { kind, id, item }) =>
    isSelected(state, kind, id) ? { ...state, detail: { kind, id, status: 'ready', item } } : state,
  detailFailed: (state, { kind, id, sentence }) =>
    isSelected(state, kind, id) ? { ...state, detail: { ...state.detail, status: 'failed', sentence } } : state,

  colouring: (state, { colouring }) => ({ ...state, colouring }),
  layer: (state, { layer }) => ({
    ...state,
    layers: state.layers.includes(layer) ? state.layers.filter((name) => name !== layer) : [...state.layers, layer],
  }),
  /** Where the map looks; with `go` it is asked to, else it says so itself. */
  view: (state, { view }) => ({ ...state, view }),
  /** A key asks for a step of the open incident; its card answers, since it knows what the step needs. */
  askStep: (state, { type, ...wish }) => {
    if (state.marked.length) return { ...state, stepAsked: { id: MARKED, ...wish } }
    return state.selection?.kind === 'incident' ? { ...state, stepAsked: { id: state.selection.id, ...wish } } : state
  },
  dismiss: (state, { id }) => ({ ...state, toasts: keepToasts(state.toasts, (toast) => toast.id !== id) }),
  dismissAll: (state) => ({ ...state, toasts: [] }),
  link: (state, { link }) => ({ ...state, link }),
  sheet: (state, { sheet }) => ({ ...state, sheet }),
  keys: (state, { open }) => ({ ...state, keysOpen: open, dutyOpen: false }),
  duty: (state, { open }) => ({ ...state, dutyOpen: open, keysOpen: false }),
  desk: (state, { desk }) => ({ ...state, desk }),
  zones: (state, { zones }) => ({ ...state, zones }),
  zonesOpen: (state, { open }) => ({ ...state, zonesOpen: open, zoneDraft: null }),
  /** Draw a zone by its corners, or as a circle around an incident; null lays it aside. */
  zoneDraft: (state, { draft }) => ({ ...state, zoneDraft: draft, zonesOpen: state.zonesOpen || draft !== null }),
  prefer: (state, { type, ...wishes }) => ({ ...state, ...wishes }),
}

/**
 * The next state. An unknown action is a programming error and says so.
 * @param {object} state
 * @param {{type: string}} action
 */
export function reduce(state, action) {
  const step = steps[action.type]
  if (!step) throw new TypeError(`No such action: ${action.type}`)
  return step(state, action)
}

/** A new round of marks begins without the answers of the last; whoever looks back marks nothing. */
function withMarks(state, marked) {
  if (state.asOf !== null || !state.marking) return state
  return { ...state, marked, answers: state.marked.length ? state.answers : [], stepAsked: null }
}

/** What left the list, closed or out of sight, is marked no more. */
function stillThere(marked, rows) {
  if (!marked.length) return marked
  const there = new Set(rows.map((row) => row.id))
  return marked.every((id) => there.has(id)) ? marked : marked.filter((id) => there.has(id))
}

/** The newest first, each once; a toast whose incident is gone from the list has nothing left to tell. */
function nextToasts({ toasts, now }, arrived, rows) {
  if (!arrived.length && !toasts.length) return toasts
  const open = new Set(rows.map((row) => row.id))
  const told = new Set(toasts.map((toast) => toast.id))
  const fresh = arrived.filter((item) => !told.has(item.id)).map(({ id }) => ({ id, saidAt: now }))
  return keepToasts([...fresh.reverse(), ...toasts].slice(0, TOASTS_KEPT), (toast) => open.has(toast.id), toasts)
}

/** The toasts that stay; the same array when all do, so that nothing is drawn anew. */
function keepToasts(toasts, stays, before = toasts) {
  const kept = toasts.filter(stays)
  return kept.length === before.length && kept.every((toast, i) => toast === before[i]) ? before : kept
}

const sameThing = (detail, thing) => (detail?.kind === thing.kind && detail.id === thing.id ? detail : undefined)
const isSelected = (state, kind, id) => state.selection?.kind === kind && state.selection.id === id

/** Hold the state; tell the listeners once a change is made. */
export function createStore(state) {
  const listeners = new Set()
  return {
    get state() {
      return state
    },
    dispatch(action) {
      const next = reduce(state, action)
      if (next === state) return
      const before = state
      state = next
      for (const listen of [...listeners]) listen(state, before, action)
    },
    /** @returns {() => void} stops listening */
    subscribe(listen) {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
  }
}

/** What the planner's page knows, who is told when that changes, and the only ways to change it. */
import { createActions } from './actions.js'

export const TOOLS = ['look', 'move', 'split', 'merge', 'hand-over', 'carve', 'straighten', 'reshape', 'rename']
export const SNAPS = ['streets', 'buildings', 'grids']

/**
 * @typedef {object} State
 * @property {object} me  who sits here, and the district
 * @property {object|null} plan  the open plan, as GET /plans/{id} gives it without its edits, notes and steps
 * @property {object[]|null} plans  the list of plans; null until it has come
 * @property {string|null} nextPlans  address of the next page of that list
 * @property {object[]} edits  newest first, the undone and those set aside among them
 * @property {object[]} notes
 * @property {object[]} steps
 * @property {object|null} check
 * @property {object|null} impact  of the grids in `impactOf`
 * @property {string[]|null} impactOf  ids of grids; null for the whole plan
 * @property {string[]} selection  ids of grids that are chosen on the map
 * @property {string} tool  one of TOOLS
 * @property {string|null} hint  what the tool in hand waits for
 * @property {{ key: string, word: string, icon?: string, primary?: boolean, pressed?: boolean, disabled?: boolean, run: () => void }[]} offers
 *   its buttons
 * @property {{ key: string, title: string, fields: { name: string, label: string, value?: string, required?: boolean }[], word: string,
 *   run: (values: Record<string, string>) => Promise<boolean>, leave: () => void }|null} form  what is to be written for it
 * @property {{ sentence: string, places: number[][], grids: string[] }|null} refused  why the last wish was not done
 * @property {{ sentence: string, place: number[]|null }[]} remarks  what is to be known of the last edit
 * @property {boolean} busy  the server is at work for longer than a blink
 * @property {{ place?: number[], grids?: string[], bbox?: number[], key?: string, n: number }|null} focus  where the map is asked
 *   to look; `key` of the defect that it is
 * @property {'off'|'swipe'} compare
 * @property {object[]} proposals  newest first
 * @property {string|null} proposalShown  id of the one that is drawn on the map
 * @property {'plans'|'zones'} side  what stands at the left while no plan is open
 * @property {object[]|null} zonesNow  the zones in force, GeoJSON; null until they have come
 * @property {object[]|null} zoneProposals  newest first; null until they have come
 * @property {{ proposal: string, choice: number }|{ area: string, group: string }|null} zoneShown  which zones the map shows
 * @property {object[]} zoneFeatures  their ground
 * @property {{ features: object[], gone: string[], whole: boolean, n: number }} drawn  what of the draft's shapes changed last;
 *   `whole`: everything may have
 * @property {Record<string, boolean>} snapping  what a corner that is moved is drawn to
 */

/** @returns {State} the state before anything has arrived */
export const initialState = (wishes = {}) => ({
  me: null,
  zone: 'UTC',
  theme: 'desk',
  phone: false,
  sheet: 'map',
  keysOpen: false,
  plan: null,
  plans: null,
  nextPlans: null,
  edits: [],
  notes: [],
  steps: [],
  check: null,
  impact: null,
  impactOf: null,
  selection: [],
  tool: 'move',
  hint: null,
  offers: [],
  form: null,
  refused: null,
  remarks: [],
  busy: false,
  focus: null,
  compare: 'off',
  proposals: [],
  proposalShown: null,
  side: 'plans',
  zonesNow: null,
  zoneProposals: null,
  zoneShown: null,
  zoneFeatures: [],
  drawn: { features: [], gone: [], whole: true, n: 0 },
  snapping: { streets: true, buildings: true, grids: true },
  view: null,
  ...wishes,
})

/**
 * @param {{ api: object, session: object }} world  the door to the server, and the first wishes: who sits here, what the
 *   address says
 * @returns {{ get: () => State, set: (changes: Partial<State>) => void, actions: object,
 *   subscribe: (listen: (state: State, before: State) => void) => () => void }}
 *   `subscribe` gives the way to stop; only `actions` call `set`
 */
export function createStore({ api, session }) {
  let state = initialState(session)
  const listeners = new Set()
  const store = {
    get: () => state,
    set(changes) {
      const names = Object.keys(changes)
      if (names.every((name) => Object.is(state[name], changes[name]))) return
      const before = state
      state = { ...state, ...changes }
      for (const listen of [...listeners]) listen(state, before)
    },
    subscribe(listen) {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
  }
  store.actions = createActions(store, api)
  return store
}

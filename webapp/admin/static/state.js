/** What the page knows, and the only ways it changes. */

/** Options as nobody has said anything. */
export const NO_OPTIONS = { layer: '', datum: '', crs: '', x: '', y: '', mapping: {}, effective: '', note: '' }

export const initialState = (given) => ({
  me: null,
  kinds: [],
  mostBytes: 0,
  exports: { items: [], formats: [] },
  mode: 'import',
  kind: null,
  file: null,
  upload: null,
  options: NO_OPTIONS,
  busy: null,
  sent: 0,
  error: null,
  result: null,
  stale: false,
  chosen: {},
  outcome: null,
  phone: false,
  theme: 'desk',
  ...given,
})

const fresh = { upload: null, result: null, stale: false, chosen: {}, outcome: null, error: null, busy: null, sent: 0 }

const steps = {
  set: (state, { values }) => ({ ...state, ...values }),
  /** Another kind reads the same file otherwise: the file stays, all that was found goes. */
  kind: (state, { kind }) => ({ ...state, ...fresh, kind }),
  /** A repaired file comes with what was said of the one before. */
  file: (state, { file }) => ({ ...state, ...fresh, file, options: file ? state.options : NO_OPTIONS }),
  begin: (state, { busy }) => ({ ...state, busy, error: null, sent: 0 }),
  sent: (state, { share }) => ({ ...state, sent: share }),
  uploaded: (state, { upload }) => ({ ...state, upload, options: stillMeant(state.options, upload) }),
  option: (state, { values }) => ({ ...state, options: { ...state.options, ...values }, stale: state.upload !== null }),
  /** Options that changed meanwhile were not those that were checked. */
  checked: (state, { result, options }) => ({ ...state, result, busy: null, stale: options !== state.options, chosen: {}, error: null }),
  failed: (state, { error }) => ({ ...state, busy: null, error }),
  choose: (state, { chosen }) => ({ ...state, chosen }),
  imported: (state, { outcome }) => ({ ...state, ...fresh, file: null, options: NO_OPTIONS, outcome }),
}

/** Of what was said beside another file, that which this one has, too. */
function stillMeant(options, { layers, fields }) {
  const layer = layers.find(({ name }) => name === options.layer)
  const { columns } = layer ?? layers[0]
  const column = (name) => (columns.includes(name) ? name : '')
  const mapping = Object.entries(options.mapping).filter(([field, name]) => column(name) && fields.some((one) => one.name === field))
  return { ...options, layer: layer ? options.layer : '', x: column(options.x), y: column(options.y), mapping: Object.fromEntries(mapping) }
}

/** @returns {{ state: object, dispatch: (action: object) => void, subscribe: (listener) => () => void }} */
export function createStore(state) {
  const listeners = new Set()
  return {
    state,
    dispatch(action) {
      const before = this.state
      this.state = steps[action.type](before, action)
      for (const listener of [...listeners]) listener(this.state, before, action)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

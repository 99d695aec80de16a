/** The keys of the desk: everything a dispatcher does in a shift, without the mouse. */
import { t } from '../shared/i18n.js'
import { QUARTER_MS } from './day-window.js'

/** For the sheet of keys: groups of [keys, what they do]. */
export const keyList = () => [
  [
    t('Queue'),
    [
      [['J', 'K'], t('down, up')],
      [['↵'], t('open it')],
      [['N'], t('go to the newest')],
      [['Esc'], t('back')],
    ],
  ],
  [
    t('Incident'),
    [
      [['F'], t('file it')],
      [['C'], t('close it')],
      [['Z'], t('zoom on the map')],
    ],
  ],
  [
    t('Map'),
    [
      [['1', '2', '3'], t('colour the grids by kind, open, overdue')],
      [['+', '−'], t('nearer, farther')],
      [['0'], t('whole district')],
    ],
  ],
  [
    t('Day'),
    [
      [['[', ']'], t('a quarter of an hour earlier, later')],
      [['T'], t('back to now')],
    ],
  ],
  [
    t('Page'),
    [
      [['/'], t('search')],
      [['M'], t('sound on or off')],
      [['?'], t('this list')],
    ],
  ],
]

const typing = (target) => target instanceof Element && target.closest('input, textarea, select, [contenteditable]')

/**
 * What a key means here.
 * @param {KeyboardEvent} event
 * @returns {string|null} a name of an action
 */
export function meaning(event, { singleKeys }) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null
  if (event.key === 'Escape') return 'back'
  if (typing(event.target)) return null
  const inList = event.target instanceof Element && event.target.closest('[role=listbox]')
  if (inList && event.key === 'ArrowDown') return 'down'
  if (inList && event.key === 'ArrowUp') return 'up'
  const onControl = event.target instanceof Element && event.target.closest('button, a')
  if (event.key === 'Enter' && !onControl) return 'open'
  return singleKeys ? (KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? null) : null
}

const KEYS = {
  j: 'down',
  k: 'up',
  n: 'newest',
  z: 'zoom',
  f: 'file',
  c: 'close',
  '/': 'search',
  '?': 'keys',
  m: 'sound',
  1: 'kind',
  2: 'open grids',
  3: 'overdue',
  '+': 'nearer',
  '=': 'nearer',
  '-': 'farther',
  0: 'all',
  '[': 'earlier',
  ']': 'later',
  t: 'now',
}

/** Listen on the page; @returns {() => void} stop */
export function listenToKeys(store, actions) {
  const doing = {
    down: () => actions.moveCursor(1),
    up: () => actions.moveCursor(-1),
    open: () => actions.openCursor(),
    newest: () => actions.newest(),
    zoom: () => actions.zoom(),
    file: () => actions.askStep('file'),
    close: () => actions.askStep('close'),
    search: () => document.getElementById('search').focus(),
    keys: () => (store.state.keysOpen ? actions.closeKeys() : actions.openKeys()),
    sound: () => actions.toggleSound(),
    kind: () => store.dispatch({ type: 'colouring', colouring: 'kind' }),
    'open grids': () => store.dispatch({ type: 'colouring', colouring: 'open' }),
    overdue: () => store.dispatch({ type: 'colouring', colouring: 'overdue' }),
    nearer: () => actions.zoomBy(1),
    farther: () => actions.zoomBy(-1),
    all: () => actions.wholeDistrict(),
    earlier: () => actions.lookFarther(-QUARTER_MS),
    later: () => actions.lookFarther(QUARTER_MS),
    now: () => actions.lookAt(null),
    back: () => actions.back(),
  }
  const listen = (event) => {
    const name = meaning(event, store.state)
    if (!name) return
    event.preventDefault()
    doing[name]()
  }
  addEventListener('keydown', listen)
  return () => removeEventListener('keydown', listen)
}

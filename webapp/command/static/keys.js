/** The keys of the desk: everything a dispatcher does in a shift, without the mouse. */
import { t } from '../shared/i18n.js'
import { QUARTER_MS } from './day-window.js'
import { STEP_LETTERS, stepsOf } from './step-keys.js'

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
      [['F', 'D'], t('file it, dispatch it to whom it belongs')],
      [['⇧D'], t('dispatch it to another')],
      [['V', '⇧V'], t('have it verified, verify it')],
      [['M', 'R'], t('merge it, reject or return it')],
      [['A', 'H'], t('accept it, report it as handled')],
      [['S', 'E', 'L'], t('suspend or resume it, give it time, hand it up')],
      [['C', 'B', 'O'], t('check or close it, send it back, reopen it')],
      [['Q', 'Y'], t('the reporter: called, told the result')],
      [['P', '⇧P'], t('a party joins, leaves')],
      [['G', 'I', '⇧M'], t('correct it, note, link it to its origin')],
      [['⇧F'], t('fixed on the spot')],
      [['⇧H', '⇧S', '⇧E', '⇧R'], t('ask for help, a pause, time; refuse it')],
      [['.'], t('all its steps')],
      [['Z'], t('zoom on the map')],
    ],
  ],
  [
    t('Many at once'),
    [
      [['X'], t('mark the row, or take the mark away')],
      [['⇧↓', '⇧↑'], t('mark on, down or up')],
      [['D', 'R', 'S'], t('dispatch, return, suspend all that are marked; every letter above works')],
      [['Esc'], t('take all marks away')],
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
      [['⇧T'], t('the desk: roster and hand-over')],
      [['U'], t('sound on or off')],
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
  if ((inList || event.shiftKey) && event.key === 'ArrowDown') return event.shiftKey ? 'mark down' : 'down'
  if ((inList || event.shiftKey) && event.key === 'ArrowUp') return event.shiftKey ? 'mark up' : 'up'
  const onControl = event.target instanceof Element && event.target.closest('button, a')
  if (event.key === 'Enter' && !onControl) return 'open'
  if (!singleKeys) return null
  // With Caps Lock a letter is large without Shift, and means the small one.
  const key = event.key.length > 1 ? event.key : event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase()
  return KEYS[key] ?? (STEP_LETTERS.has(key) ? `step ${key}` : null)
}

const KEYS = {
  j: 'down',
  k: 'up',
  n: 'newest',
  z: 'zoom',
  x: 'mark',
  D: 'another',
  '.': 'all steps',
  T: 'desk',
  '/': 'search',
  '?': 'keys',
  u: 'sound',
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
    mark: () => actions.toggleMark(),
    'mark down': () => actions.markOn(1),
    'mark up': () => actions.markOn(-1),
    another: () => actions.askStep({ steps: ['dispatch'], other: true }),
    'all steps': () => actions.askStep({ more: true }),
    desk: () => (store.state.dutyOpen ? actions.closeDuty() : actions.openDuty()),
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
    if (name.startsWith('step ')) actions.askStep({ steps: stepsOf(name.slice('step '.length)) })
    else doing[name]()
  }
  addEventListener('keydown', listen)
  return () => removeEventListener('keydown', listen)
}

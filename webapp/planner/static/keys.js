/** The keys of the page: every tool without a pointer. */
import { t } from '../shared/i18n.js'

const TOOL_KEYS = { v: 'look', m: 'move', s: 'split', u: 'merge', h: 'hand-over', c: 'carve', t: 'straighten', r: 'reshape', n: 'rename' }

/** @param {string} tool @returns {string} its letter */
export const keyOfTool = (tool) => Object.keys(TOOL_KEYS).find((key) => TOOL_KEYS[key] === tool).toUpperCase()

/** For the sheet of keys: groups of [keys, what they do]. */
export const keyList = () => [
  [
    t('Tools'),
    [
      [['M'], t('move a corner, an edge')],
      [['S'], t('split by a line')],
      [['U'], t('merge')],
      [['H'], t('hand a block or a building over')],
      [['C'], t('carve a dedicated grid out')],
      [['T'], t('straighten a border')],
      [['R'], t('draw a stretch of a border anew')],
      [['N'], t('give a grid another name')],
      [['V'], t('look, and change nothing')],
    ],
  ],
  [
    t('Drawing'),
    [
      [['Space'], t('click at the middle of the map')],
      [['Enter'], t('done')],
      [['Backspace'], t('take the last point back')],
      [['Esc'], t('give up')],
      [['X'], t('block or building; along a street')],
      [['G'], t('draw to what is near, or not')],
    ],
  ],
  [
    t('Corners'),
    [
      [['[', ']'], t('the corner before, the next')],
      [['←', '→', '↑', '↓'], t('1 m; with Shift 10 m')],
      [['Del'], t('leave the corner out')],
      [['Alt'], t('while drawing: to nothing that is near')],
    ],
  ],
  [
    t('Plan'),
    [
      [['Ctrl', 'Z'], t('take back')],
      [['Ctrl', 'Shift', 'Z'], t('do it again')],
      [['F8'], t('the next that must change')],
      [['B'], t('before and after')],
    ],
  ],
  [
    t('Map'),
    [
      [['+', '−'], t('nearer, farther')],
      [['0'], t('whole district')],
      [['/'], t('search')],
      [['?'], t('this list')],
    ],
  ],
]

const FOR_THE_TOOL = {
  ' ': 'point', Enter: 'done', Backspace: 'less', Delete: 'leave out', '[': 'corner before', ']': 'next corner',
  ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: 'up', ArrowDown: 'down',
}

const inside = (target, places) => target instanceof Element && target.closest(places)

/**
 * @param {object} store
 * @param {() => { map: object, press: (name: string, shift: boolean) => boolean }|null} hostedNow
 * @returns {() => void} stop
 */
export function listenToKeys(store, hostedNow) {
  const listen = (event) => {
    if (event.isComposing || !meant(event, store, hostedNow())) return
    event.preventDefault()
    // The map would go where the arrows point.
    event.stopPropagation()
  }
  addEventListener('keydown', listen, { capture: true })
  return () => removeEventListener('keydown', listen, { capture: true })
}

/** Do what a key means; false when it means nothing here. */
function meant(event, store, hosted) {
  const { actions } = store
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  if (inside(event.target, 'input, textarea, select, [contenteditable]')) return false
  if ((event.ctrlKey || event.metaKey) && key === 'z') return back(store, event.shiftKey)
  if (event.ctrlKey || event.metaKey || event.altKey) return false
  // What is open in a panel closes itself.
  if (key === 'Escape') return !inside(event.target, '.panel') && giveUp(store, hosted)
  if (key === 'F8') return actions.nextDefect() ?? true
  // On a button, Enter, space and the arrows are the button's.
  const onControl = inside(event.target, 'button, a, [role=slider], [role=listbox], summary')
  const word = FOR_THE_TOOL[key]
  if (word) return !onControl && Boolean(hosted?.press(word, event.shiftKey))
  if (key === 'x') return Boolean(hosted?.press('kind', false) || hosted?.press('along', false))
  if (TOOL_KEYS[key] && store.get().plan) return actions.useTool(TOOL_KEYS[key]) ?? true
  return onThePage(key, store, hosted)
}

function onThePage(key, { get, actions }, hosted) {
  const doing = {
    g: () => actions.snap('all'),
    b: () => get().plan && actions.compare(get().compare === 'off' ? 'swipe' : 'off'),
    '/': () => document.getElementById('search').focus(),
    '?': () => (get().keysOpen ? actions.closeKeys() : actions.openKeys()),
    '+': () => hosted?.map.zoomBy(1),
    '=': () => hosted?.map.zoomBy(1),
    '-': () => hosted?.map.zoomBy(-1),
    0: () => hosted?.map.fit(get().me.district.bounds, { maxZoom: 13 }),
  }
  doing[key]?.()
  return key in doing
}

function back({ get, actions }, forward) {
  if (!get().plan?.can.includes('edit')) return false
  if (forward) actions.redo()
  else actions.undo()
  return true
}

/** Escape takes back the nearest thing: the list of keys, what is in hand, a refusal. */
function giveUp({ get, actions }, hosted) {
  if (get().keysOpen) actions.closeKeys()
  else if (get().refused || get().remarks.length) actions.forgive()
  else if (!hosted?.press('back', false)) return false
  return true
}

/** The keys that these desks have beside those of every desk: a digit opens a list, W blows the whistle. */
import { t } from '../shared/i18n.js'
import { listsOf } from './lists.js'

/** For the sheet of keys: groups of [keys, what they do]. */
export const keyList = () => [
  [t('Lists'), [[['1', '…', '9'], t('open a list')], [['W'], t('blow the whistle')]]],
  [t('Queue'), [[['J', 'K'], t('down, up')], [['↵'], t('open it')], [['Esc'], t('back')]]],
  [t('Incident'), [[['Z'], t('zoom on the map')]]],
  [t('Page'), [[['?'], t('this list')]]],
]

const typing = (target) => target instanceof Element && target.closest('input, textarea, select, [contenteditable]')

/** Listens before the keys that all desks share: what is taken here does not reach them. */
export function listenToDeskKeys(store, actions) {
  addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return
      if (answer(event.key, store, actions)) {
        event.preventDefault()
        event.stopImmediatePropagation()
      }
    },
    { capture: true },
  )
}

function answer(key, store, actions) {
  const { desk, singleKeys, whistling, me, keysOpen } = store.state
  if (key === 'Escape' && whistling && !keysOpen) return actions.whistle(false), true
  if (!singleKeys) return false
  if (/^[0-9]$/.test(key)) {
    const name = listsOf(desk)[(Number(key) + 9) % 10]
    if (name) actions.openDesk(desk, name)
    return true
  }
  if (key.toLowerCase() === 'w' && me.can.includes('whistle.call')) return actions.whistle(true), true
  // Nobody looks back at a desk whose lists are of now.
  return ['[', ']', 't', '/'].includes(key)
}

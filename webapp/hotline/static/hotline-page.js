/** The hotline at a desk: its orders, or the calls to make; a key for each thing that is done often. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { show, shown } from '../admin/address.js'
import { Chips } from '../admin/list-panel.js'
import { t } from '../shared/i18n.js'
import { Calls } from './calls.js'
import { Orders } from './orders.js'

export function HotlinePage({ me }) {
  const [mode, take] = useState(shown('mode') === 'calls' ? 'calls' : 'orders')
  const setMode = (wish) => {
    show({ mode: wish === 'orders' ? null : wish, order: null, call: null, list: null, q: null })
    take(wish)
  }
  const modes = html`<${Chips} label=${t('What is done')} options=${[['orders', t('Orders')], ['calls', t('Calls back')]]} chosen=${mode} onChoose=${setMode} />`
  useKeys({ 1: () => setMode('orders'), 2: () => setMode('calls') })
  return mode === 'orders' ? html`<${Orders} me=${me} modes=${modes} />` : html`<${Calls} me=${me} modes=${modes} />`
}

/**
 * Keys of a page; while somebody writes, only Escape is one.
 * @param {Record<string, () => void>} keys  by `KeyboardEvent.key`, small letters
 */
export function useKeys(keys) {
  const held = useRef(keys)
  held.current = keys
  useEffect(() => {
    const take = (event) => {
      const writing = event.target.closest?.('input, textarea, select, [role="application"]')
      if (event.ctrlKey || event.metaKey || event.altKey || (writing && event.key !== 'Escape')) return
      const deed = held.current[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      if (!deed) return
      event.preventDefault()
      deed()
    }
    addEventListener('keydown', take)
    return () => removeEventListener('keydown', take)
  }, [])
}

/** J and K: the next row and the one before. */
export function neighbour(items, chosen, steps) {
  if (!items?.length) return chosen
  const at = items.findIndex(({ id }) => id === chosen)
  return items[Math.min(items.length - 1, Math.max(0, at < 0 ? 0 : at + steps))].id
}

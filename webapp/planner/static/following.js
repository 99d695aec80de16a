/** Keep the open plan as it is on the server when others draw, comment, approve or publish; what is being drawn here stays. */
import { follow, lastEvent } from '../shared/live.js'

/** One act of somebody is several events: they are heard together. */
const TOGETHER_MS = 300

/**
 * @param {{ get: () => object, actions: { hear: () => Promise<void> } }} store
 * @param {typeof follow} [listen]  how events are heard
 * @param {() => Promise<string|number>} [last]  the last event before all that is on the screen was read
 * @returns {Promise<() => void>} stop
 */
export async function followOthers(store, listen = follow, last = lastEvent) {
  let timer = null
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(() => store.actions.hear(), TOGETHER_MS)
  }
  const concerns = ({ kind, id }) => kind === 'edition' || (kind === 'plan' && id === store.get().plan?.id)
  const stop = listen({ onChanges: (changes) => changes.some(concerns) && soon(), onReset: soon, onLink() {} }, await last())
  return () => {
    clearTimeout(timer)
    stop()
  }
}

/** The screens of the page and their addresses: each can be opened by itself, and the phone's back button leads back. */

const ROOT = '/patrol'

/**
 * @param {string} path
 * @returns {{ name: 'home'|'report'|'queue'|'incident', id?: string }}
 */
export function screenOf(path) {
  const [name, id] = path.slice(ROOT.length).split('/').filter(Boolean)
  if (name === 'report' || name === 'queue') return { name }
  return name === 'incident' && id ? { name, id } : { name: 'home' }
}

export const addressOf = ({ name, id }) => (name === 'home' ? ROOT : [ROOT, name, id].filter(Boolean).join('/'))

/**
 * Keep the address and the screen in step.
 * @param {object} world
 */
export function followAddress(world) {
  world.set({ screen: screenOf(location.pathname) })
  addEventListener('popstate', () => world.set({ screen: screenOf(location.pathname) }))
}

/**
 * Open a screen.
 * @param {object} world
 * @param {{ name: string, id?: string }} screen
 * @param {{ instead?: boolean }} [options]  `instead`: the screen one comes from is not returned to
 */
export function go(world, screen, { instead = false } = {}) {
  const entry = [{ inside: true }, '', addressOf(screen) + location.search]
  if (instead) history.replaceState(...entry)
  else history.pushState(...entry)
  world.set({ screen })
  scrollTo(0, 0)
}

/** One screen back; home where there is none before it, as after a link from outside. */
export function goBack(world) {
  if (history.state?.inside) history.back()
  else go(world, { name: 'home' }, { instead: true })
}

/** What the patrol page knows, and how its components read it: they draw again only when what they chose has changed. */
import { createContext, useContext, useLayoutEffect, useRef, useState } from '../vendor/preact.js'

/**
 * @typedef {object} World
 * @property {{ name: string, id?: string }} screen  which page is open
 * @property {{ id: number, login: string, name: string }|null} account  whose phone it is just now
 * @property {object|null} patrol  the last answer of GET /patrol
 * @property {import('./ground.js').Ground|null} ground  the boundaries of it, ready to be asked
 * @property {import('./position.js').Position} position
 * @property {object[]} items  what waits, is sent, or was received
 * @property {{ waiting: number, sending: number, received: number, refused: number, others: number }} counts
 * @property {{ own: number, others: number }} begun  reports that were begun on this phone and not yet sent off
 * @property {number|null} room  how many more reports this phone can hold
 * @property {boolean} online
 * @property {boolean} signInNeeded
 * @property {string|null} lacking  a sentence on what this browser does not give, and what follows
 * @property {{ text: string, at: number }|null} toast
 * @property {object|null} install  the browser's offer to install the page
 * @property {number} now  the server's clock as far as it is known, ms
 */

export const noCounts = () => ({ waiting: 0, sending: 0, received: 0, refused: 0, others: 0 })
export const noneBegun = () => ({ own: 0, others: 0 })

/** @returns {World} */
export const firstWorld = () => ({
  screen: { name: 'home' },
  account: null,
  patrol: null,
  ground: null,
  position: { status: 'off', fix: null },
  items: [],
  counts: noCounts(),
  begun: noneBegun(),
  room: null,
  online: navigator.onLine,
  signInNeeded: false,
  lacking: null,
  toast: null,
  install: null,
  now: Date.now(),
})

/**
 * Hold the world; tell the listeners once a change is made.
 * @param {World} state
 */
export function createWorld(state) {
  const listeners = new Set()
  return {
    get state() {
      return state
    },
    /** @param {Partial<World>} changes */
    set(changes) {
      const before = state
      state = { ...state, ...changes }
      for (const listen of [...listeners]) listen(state, before)
    },
    /** @returns {() => void} stops listening */
    subscribe(listen) {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
  }
}

export const Page = createContext(null)

/** @returns {{ world: object, actions: object }}  what a component may use besides its properties */
export const usePage = () => useContext(Page)

/** @param {(state: World) => any} choose  returns the same value as long as nothing relevant changed */
export function useWorld(choose) {
  const { world } = usePage()
  const [, redraw] = useState(0)
  const latest = useRef()
  latest.current = { choose, value: choose(world.state) }
  useLayoutEffect(
    () =>
      world.subscribe((state) => {
        const { choose: chooseNow, value } = latest.current
        if (!Object.is(chooseNow(state), value)) redraw((n) => n + 1)
      }),
    [world],
  )
  return latest.current.value
}

/** Clocks of minutes need not be drawn anew every second. */
export const everyTenSeconds = (state) => Math.floor(state.now / 10_000) * 10_000
export const zoneOf = (state) => state.patrol?.district?.time_zone ?? 'Asia/Shanghai'

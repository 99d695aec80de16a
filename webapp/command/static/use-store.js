/** Read the store from a component: it draws again only when what it chose has changed. */
import { createContext, useContext, useLayoutEffect, useRef, useState } from '../vendor/preact.js'

export const Page = createContext(null)

/** @returns {object} store, actions and the zone: what a component may use besides its properties */
export const usePage = () => useContext(Page)

/**
 * @param {(state: object) => any} choose  returns the same value as long as nothing relevant changed
 */
export function useChosen(choose) {
  const { store } = usePage()
  const [, redraw] = useState(0)
  const latest = useRef()
  latest.current = { choose, value: choose(store.state) }
  useLayoutEffect(
    () =>
      store.subscribe((state) => {
        const { choose: chooseNow, value } = latest.current
        if (!Object.is(chooseNow(state), value)) redraw((n) => n + 1)
      }),
    [store],
  )
  return latest.current.value
}

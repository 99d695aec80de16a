/** Something of the server that is read when it is opened, and anew when something happened. */
import { useEffect, useState } from '../vendor/preact.js'
import { useChosen } from '../command/use-store.js'

/**
 * @param {() => Promise<any>} load
 * @returns {{ found: any, failed: string|null, again: () => void }} what was read last stays while it is read anew
 */
export function useRemote(load) {
  const news = useChosen((state) => state.news)
  const [asked, again] = useState(0)
  const [answer, take] = useState({ found: null, failed: null })
  useEffect(() => {
    let wanted = true
    load().then(
      (found) => wanted && take({ found, failed: null }),
      (problem) => {
        if (problem.status === undefined) throw problem
        if (wanted) take((before) => ({ ...before, failed: problem.message }))
      },
    )
    return () => {
      wanted = false
    }
  }, [news, asked])
  return { ...answer, again: () => again((n) => n + 1) }
}

/** What a panel reads from the server by itself. */
import { useEffect, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'

const NOTHING = { answer: null, problem: null }

/**
 * Ask for something, and again when the question or `round` changes; an answer stays until the next has come.
 * @param {string|null} path  null asks nothing
 * @param {unknown} [round]  changes when the same question may have another answer
 * @returns {{ answer: any, problem: Problem|null }}
 */
export function useAnswer(path, round = null) {
  const [kept, take] = useState({ ...NOTHING, path: null })
  useEffect(() => {
    if (path === null) return undefined
    const line = new AbortController()
    api.get(path, {}, { signal: line.signal }).then(
      (answer) => take({ answer, problem: null, path }),
      (problem) => {
        if (line.signal.aborted) return
        if (!(problem instanceof Problem)) throw problem
        take({ answer: null, problem, path })
      },
    )
    return () => line.abort()
  }, [path, round])
  return kept.path === path ? kept : NOTHING
}

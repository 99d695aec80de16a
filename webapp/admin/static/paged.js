/** A list that comes page by page, and begins anew when what is looked for changes. */
import { useEffect, useRef, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'
import { signedInAgain } from '../shared/sign-in-again.js'

const TYPING_MS = 250

/**
 * @param {string} path
 * @param {Record<string, string>} query  what is looked for
 * @returns {{ items: object[]|null, names: Record<string, object[]>, more: (() => void)|null, problem: Problem|null, again: () => void }}
 *   `items` null while the first page comes; `names`: what codes in them are called, by kind, where the server says so
 */
export function usePaged(path, query) {
  const [page, take] = useState({ items: null, names: {}, next: null, problem: null })
  const [round, setRound] = useState(0)
  const asked = useRef(null)
  const key = JSON.stringify(query)

  const fetchPage = async (address, wanted, before, called) => {
    const line = new AbortController()
    asked.current?.abort()
    asked.current = line
    try {
      const { items, names = {}, next } = await api.get(address, wanted, { signal: line.signal })
      take({ items: [...before, ...items], names: joined(called, names), next: next ?? null, problem: null })
    } catch (problem) {
      if (line.signal.aborted) return
      if (!(problem instanceof Problem)) throw problem
      take((now) => ({ ...now, items: now.items ?? [], problem }))
      if (problem.slug === 'not-signed-in' && (await signedInAgain())) setRound((round) => round + 1)
    }
  }

  useEffect(() => {
    const timer = setTimeout(() => fetchPage(path, query, [], {}), page.items === null ? 0 : TYPING_MS)
    return () => clearTimeout(timer)
  }, [path, key, round])

  return {
    items: page.items,
    names: page.names,
    more: page.next && (() => fetchPage(page.next, {}, page.items, page.names)),
    problem: page.problem,
    again: () => setRound(round + 1),
  }
}

const joined = (one, other) => Object.fromEntries([...new Set([...Object.keys(one), ...Object.keys(other)])].map((kind) => [kind, [...(one[kind] ?? []), ...(other[kind] ?? [])]]))

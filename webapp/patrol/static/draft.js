/** What stands on the report page, and the copy of it that the phone keeps meanwhile. */
import { useEffect, useRef, useState } from '../vendor/preact.js'
import { letGo, shownPhoto } from './photos.js'
import { takeDraft } from './queue/drafts.js'
import { emptyDraft, isEmpty } from './report-body.js'
import { useWorld } from './world.js'

/** One draft after another on this page: the next is taken up when the last has been let go. */
let lettingGo = Promise.resolve()

/**
 * The draft of whoever holds the phone. Without an account, or where nothing can be kept, it lives in memory alone.
 * @returns {{ draft: import('./report-body.js').Draft, change: (changes: object) => void, begunAt: number|null,
 *             told: string|null, discard: () => void, spend: (work: (name: string|null) => Promise<{ done: boolean }>) => Promise<{ done: boolean }> }}
 *   `begunAt`: ms, when this is one that was begun before; `told`: what cannot be kept or read, as a sentence
 */
export function useDraft() {
  const account = useWorld((state) => state.account?.id ?? null)
  const [draft, setDraft] = useState(emptyDraft)
  const [begunAt, setBegunAt] = useState(null)
  const [told, setTold] = useState(null)
  const kept = useRef(null)
  const latest = useRef(draft)
  latest.current = draft
  const become = (next) => {
    latest.current = next
    setDraft(next)
  }
  const keep = () => kept.current?.save(isEmpty(latest.current) ? null : latest.current)

  useEffect(() => {
    if (account === null) return undefined
    let left = false
    const take = async () => {
      await lettingGo
      let own = await takeDraft(account)
      if (left) return own
      if (own.content && !isEmpty(latest.current)) {
        // Who was quicker than the disk goes on with what stands there; what was begun before waits for the next time.
        await own.close()
        own = await takeDraft(account, { anew: true })
      }
      if (left) return own
      kept.current = own
      own.onProblem = setTold
      setTold(own.lost)
      if (own.content) {
        setBegunAt(own.begunAt)
        become(opened(own.content))
      } else if (!isEmpty(latest.current)) keep()
      return own
    }
    const taking = take().catch(ignoreNoStore)
    return () => {
      left = true
      lettingGo = taking.then((own) => own?.close())
      kept.current = null
      // Whoever comes next is shown nothing of it.
      forget(latest.current)
      become(emptyDraft())
      setBegunAt(null)
      setTold(null)
    }
  }, [account])
  useFlushing(kept)
  useEffect(() => () => forget(latest.current), [])

  return {
    draft, begunAt, told,
    change: (changes) => {
      become({ ...latest.current, ids: latest.current.ids ?? newIds(), ...changes })
      keep()
    },
    discard: () => {
      forget(latest.current)
      become(emptyDraft())
      setBegunAt(null)
      kept.current?.discard()
    },
    spend: (work) => (kept.current ? kept.current.spend(work) : work(null)),
  }
}

/** A page that goes out of sight may never come back. */
function useFlushing(kept) {
  useEffect(() => {
    const flush = () => document.visibilityState === 'hidden' && kept.current?.flush()
    document.addEventListener('visibilitychange', flush)
    return () => document.removeEventListener('visibilitychange', flush)
  }, [])
}

const opened = (content) => ({ ...emptyDraft(), ...content, photos: content.photos.map(shownPhoto), after: content.after.map(shownPhoto) })

/** Of what will be sent, the same however often it is tried; over plain http nothing is. */
const newIds = () => (isSecureContext ? { report: crypto.randomUUID(), step: crypto.randomUUID() } : null)

/** The pictures are shown from memory; leaving the page gives that back. */
const forget = ({ photos, after }) => [...photos, ...after].forEach(letGo)

/** Where nothing can be kept the page says so already. */
function ignoreNoStore(error) {
  if (error.name !== 'QueueProblem') throw error
  return null
}

/** Something that is sent: under one id as long as it says the same, so that sending it again does no harm. */
import { useRef, useState } from '../vendor/preact.js'

/**
 * @param {(body: object) => Promise<any>} send  the body has its id
 * @param {() => void} onDone
 * @returns {{ sending: boolean, failure: string|null, go: (said: object) => void }}
 */
export function useDeed(send, onDone) {
  const [sending, setSending] = useState(false)
  const [failure, fail] = useState(null)
  const attempt = useRef({ key: null, id: null })
  const go = async (said) => {
    const key = JSON.stringify(said)
    if (attempt.current.key !== key) attempt.current = { key, id: crypto.randomUUID() }
    setSending(true)
    fail(null)
    try {
      await send({ id: attempt.current.id, ...said })
      onDone()
    } catch (problem) {
      if (problem.status === undefined) throw problem
      fail(problem.message)
    }
    setSending(false)
  }
  return { sending, failure, go }
}

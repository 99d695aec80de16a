/** What is being written at a door, kept on this phone until it was sent: words and photos, never a name or number. */
const BASE = 'gridmap-door'
const DRAFTS = 'drafts'
/** A draft that nobody came back to in a week is nobody's any more. */
const KEPT_MS = 7 * 86_400_000

/**
 * @typedef {object} Draft
 * @property {string} door  which door it is for
 * @property {string|null} id  of the form, with its ticket: sent again it is the same report; null makes it a new one
 * @property {string|null} ticket
 * @property {Record<string, string>} fields
 * @property {Blob[]} photos
 * @property {boolean} [again]  it was changed after it had been sent
 */

/** @param {Draft} draft */
export const keepDraft = (draft) => inStore('readwrite', (store) => store.put({ ...draft, at: Date.now() }))

/** @param {string} door @returns {Promise<Draft|null>} */
export async function readDraft(door) {
  const draft = await inStore('readonly', (store) => store.get(door))
  return draft && Date.now() - draft.at < KEPT_MS ? draft : null
}

/** Forget the draft of a door. @param {string} door */
export const dropDraft = (door) => inStore('readwrite', (store) => store.delete(door))

/** A browser that keeps nothing, such as in a private window, sends all the same. */
async function inStore(mode, work) {
  try {
    const base = await opened()
    return await new Promise((resolve, reject) => {
      const change = base.transaction(DRAFTS, mode, { durability: 'strict' })
      const asked = work(change.objectStore(DRAFTS))
      change.oncomplete = () => resolve(asked.result ?? null)
      change.onabort = () => reject(change.error)
    }).finally(() => base.close())
  } catch (error) {
    if (error instanceof DOMException) return null
    throw error
  }
}

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(BASE, 1)
    asked.onupgradeneeded = () => asked.result.createObjectStore(DRAFTS, { keyPath: 'door' })
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
    asked.onblocked = () => reject(new DOMException('blocked', 'InvalidStateError'))
  })
}

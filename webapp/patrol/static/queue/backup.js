/** A copy of what has not arrived, for people: one list and the photos, in a file that every computer opens. */
import { zip } from './zip.js'

/**
 * Copy what waits and what was refused, and note that it has been copied.
 * @param {import('./ledger.js').Ledger} ledger
 * @returns {Promise<Blob>}
 */
export async function backupOf(ledger) {
  const items = ledger.items().filter((item) => item.state !== 'received')
  const files = []
  const list = []
  for (const [n, item] of items.entries()) {
    const turn = String(n + 1).padStart(3, '0')
    const names = item.photos.map(({ role }, photo) => `photos/${turn}-${photo + 1}-${role}.jpg`)
    const { kind, state, label, capturedAt, target, after, sentence, receipt, body } = item
    list.push({ kind, state, label, capturedAt, target, after, sentence, receipt, body, photos: names })
    const blobs = await ledger.photosOf(item)
    blobs.forEach((blob, photo) => blob && files.push({ name: names[photo], blob }))
  }
  const text = JSON.stringify({ server: location.origin, at: new Date().toISOString(), items: list }, null, 2)
  const whole = await zip([{ name: 'queue.json', blob: new Blob([text], { type: 'application/json' }) }, ...files])
  for (const item of items) await ledger.mark(item.id, { exported: true })
  return whole
}

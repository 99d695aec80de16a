/**
 * Runs on the page that follows a sign-out, from whichever page one left: what this browser kept to look at goes,
 * whoever's it was; what waits to be sent, or was begun, stays until its account signs in again.
 */
import { QueueProblem } from './queue/problem.js'
import { openStore } from './queue/store.js'

async function forgetTiles() {
  const names = globalThis.caches ? await caches.keys() : []
  await Promise.all(names.filter((name) => name.startsWith('gridmap-tiles-')).map((name) => caches.delete(name)))
}

async function forgetKept() {
  try {
    await (await openStore()).forgetKept()
  } catch (error) {
    // Where nothing can be kept there is nothing to forget.
    if (!(error instanceof QueueProblem)) throw error
  }
}

await Promise.all([forgetTiles(), forgetKept()])

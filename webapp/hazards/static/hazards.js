/** Start the hazard ledger. */
import { api } from '../shared/api.js'
import { lastEvent } from '../shared/live.js'
import { startPage } from '../shared/start-page.js'
import { shown } from '../admin/address.js'
import { HazardsPage } from './hazards-page.js'

/** The incident from whose card somebody came to write a hazard down; null where it is not to be read. */
async function foundWith() {
  const incident = shown('incident')
  if (!incident) return null
  try {
    return await api.get(`/incidents/${encodeURIComponent(incident)}`)
  } catch (problem) {
    if (problem.status === undefined) throw problem
    return null
  }
}

async function prepare() {
  // What is heard from comes first, so that nothing falls between reading and listening.
  const last = await lastEvent()
  return { view: HazardsPage, props: { last, origin: await foundWith() } }
}

startPage(document.getElementById('hazards'), prepare, { readyAtOnce: true })

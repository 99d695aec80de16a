/** Steps on their way to the server: sent under one id until it is known what became of them. */
import * as requests from './requests.js'

const TRIES_AFTER_MS = [800, 2500]

/**
 * Take a step under one id, however often it must be sent: the server stores it once.
 * @returns {Promise<{ done: boolean, sentence?: string, since?: number }>}  `since`: somebody was faster, and what the
 *   log says after this row is what they did
 */
export async function takeStep(store, incident, step, said, reloadCard) {
  const wish = attemptOf(incident.id, { step, ...said, seq: incident.seq }, () => ({ id: crypto.randomUUID() }))
  try {
    const after = await sentUntilKnown(() => requests.postStep(incident.id, wish))
    attempts.delete(incident.id)
    // Whoever looks back meanwhile sees what was.
    const known = store.state.rows.find((row) => row.id === incident.id) ?? incident
    if (store.state.asOf === null) store.dispatch({ type: 'changed', items: [{ ...known, ...after }] })
    await reloadCard()
    return { done: true }
  } catch (error) {
    if (error.status === undefined) throw error
    if (!isUnsure(error)) attempts.delete(incident.id)
    if (error.status !== 409) return { done: false, sentence: error.message }
    await reloadCard()
    return { done: false, sentence: error.message, since: incident.seq }
  }
}

/**
 * Take the same step of many incidents; each is taken or refused by itself.
 * @param {object[]} rows
 * @returns {Promise<{ answers: { row: object, taken: boolean, sentence: string|null }[] } | { sentence: string }>}
 */
export async function takeStepOfMany(store, rows, step, said, reloadCard) {
  const wish = attemptOf('many', { step, ...said, rows: rows.map(({ id, seq }) => [id, seq]) }, () => ({
    incidents: rows.map(({ id, seq }) => ({ incident: id, id: crypto.randomUUID(), seq })),
  }))
  const { rows: _, ...body } = wish
  try {
    const items = await sentUntilKnown(() => requests.postSteps(body))
    attempts.delete('many')
    const of = new Map(items.map((item) => [item.incident, item]))
    const answers = rows.map((row) => ({ row, taken: !of.get(row.id).refused, sentence: of.get(row.id).refused?.sentence ?? null }))
    store.dispatch({ type: 'answered', answers })
    if (store.state.selection?.kind === 'incident' && of.has(store.state.selection.id)) await reloadCard()
    return { answers }
  } catch (error) {
    if (error.status === undefined) throw error
    if (!isUnsure(error)) attempts.delete('many')
    return { sentence: error.message }
  }
}

/** Nothing is known of what became of it: the same id is sent again, never a new one. */
const isUnsure = ({ status }) => status === 0 || status >= 500

async function sentUntilKnown(send) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await send()
    } catch (error) {
      if (!isUnsure(error) || tries >= TRIES_AFTER_MS.length) throw error
      await new Promise((go) => setTimeout(go, TRIES_AFTER_MS[tries]))
    }
  }
}

const attempts = new Map()

/** The attempt that is still open if it is the same one, else a new one with ids of its own. */
function attemptOf(name, body, ids) {
  const key = JSON.stringify(body)
  if (attempts.get(name)?.key !== key) attempts.set(name, { key, wish: { ...body, ...ids() } })
  return attempts.get(name).wish
}

/** What is to be done, in the order in which it presses. Pure. */

/**
 * @typedef {object} Task
 * @property {object} incident  as GET /patrol lists it
 * @property {'accept'|null} waits  for somebody to take it on
 * @property {string|null} queued  the step of it that waits on this phone to be sent
 */

/**
 * Open incidents of the own grids: the tightest deadline first, so what is over stands on top; without one last.
 * @param {{ today: { incidents: object[] } }|null} patrol  as kept
 * @param {{ kind: string, state: string, label: object }[]} items  of the queue
 * @returns {Task[]}
 */
export function openTasks(patrol, items) {
  const queued = queuedSteps(items)
  return (patrol?.today.incidents ?? [])
    .map((incident) => ({ incident, queued: queued.get(incident.id) ?? null, waits: waitsForHands(incident) ? 'accept' : null }))
    .sort((a, b) => pressing(a.incident) - pressing(b.incident) || a.incident.severity - b.incident.severity)
}

/** What is filed or dispatched lies there until somebody takes it on. */
const waitsForHands = ({ state }) => state === 'filed' || state === 'dispatched'

const pressing = ({ due_at: due }) => (due ? Date.parse(due) : Infinity)

/** Incident id -> the step that waits here. @param {object[]} items */
export function queuedSteps(items) {
  const waiting = items.filter(({ kind, state, label }) => kind === 'step' && label?.incident && ['waiting', 'sending'].includes(state))
  return new Map(waiting.map(({ label }) => [label.incident, label.step]))
}

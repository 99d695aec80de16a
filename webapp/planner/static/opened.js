/**
 * An open plan as the state keeps it: what hangs on it beside it, and how many of its edits count.
 * @param {object} found  as GET /plans/{id} gives it
 * @returns {{ plan: object, edits: object[], notes: object[], steps: object[] }}
 */
export function openedFrom({ edits, notes, steps, ...plan }) {
  const counting = edits.filter(({ undone, set_aside: aside }) => !undone && !aside)
  return { plan: { ...plan, edits: counting.length }, edits, notes, steps }
}

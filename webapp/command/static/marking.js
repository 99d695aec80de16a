/** Which rows are marked, so that one step can be taken of all of them. */

/** The server takes no more at once. */
export const MOST_MARKED = 200

/** Mark a row, or take the mark away. */
export const toggled = (marked, id) =>
  marked.includes(id) ? marked.filter((other) => other !== id) : marked.length < MOST_MARKED ? [...marked, id] : marked

/** Mark these rows as well, in the order in which they stand. */
export const joined = (marked, ids) => [...new Set([...marked, ...ids])].slice(0, MOST_MARKED)

/**
 * What can be done with several incidents at once: every step that one of them can take, with the incidents that can.
 * @param {object[]} rows  what is marked
 * @param {Record<string, object[]>} stepsOfState  state -> steps as the server offers them to one in that state
 * @returns {{ step: object, rows: object[] }[]}  the likeliest first
 */
export function stepsInCommon(rows, stepsOfState) {
  const found = new Map()
  for (const row of rows) {
    for (const step of stepsOfState[row.state] ?? []) {
      if (!isForMany(step)) continue
      const entry = found.get(step.step) ?? { step, rows: [] }
      found.set(step.step, { step: entry.step, rows: [...entry.rows, row] })
    }
  }
  return [...found.values()].sort((a, b) => b.rows.length - a.rows.length || a.step.rank - b.step.rank)
}

/** What differs from one incident to the next cannot be said once for all. */
const OWN = ['party', 'place', 'checklist']
const isForMany = ({ needs, arguments: fields }) =>
  needs.every((need) => need === 'note' || need === 'reason') && !fields.some(({ kind, asked }) => OWN.includes(kind) && asked !== 'optional')

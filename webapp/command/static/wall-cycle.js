/** Which picture a wall shows next, and what holds it: pure. */
import { byDeadline, isOverdue } from './open-incidents.js'

export const VIEWS = ['load', 'overdue', 'township', 'serious']
const USUAL_S = 20
const [SHORTEST_S, LONGEST_S] = [5, 600]

/**
 * Read the cycle that the address asks for: which views in which order, and how many seconds each.
 * @param {string} query  such as ?cycle=load,overdue&every=30
 */
export function readCycle(query) {
  const fields = new URLSearchParams(query)
  const asked = (fields.get('cycle') ?? '').split(',').filter((name) => VIEWS.includes(name))
  const every = Number(fields.get('every')) || USUAL_S
  return { views: asked.length ? [...new Set(asked)] : VIEWS, everyS: Math.min(LONGEST_S, Math.max(SHORTEST_S, every)) }
}

/** What there is to see: the busiest township, the latest serious incident, how many are overdue. */
export function sightsOf(rows, areas, now) {
  const townships = townshipTallies(rows, areas)
  const busiest = townships.reduce((best, one) => (best && best.n >= one.n ? best : one), null)
  const serious = rows
    .filter((row) => row.severity <= 2 && isPlaced(row))
    .reduce((latest, row) => (latest && latest.occurred_at >= row.occurred_at ? latest : row), null)
  return { townships, busiest, serious, overdue: rows.filter((row) => isOverdue(row, now)).length }
}

/** Open incidents of each township by severity, at the place of its name. */
export function townshipTallies(rows, areas) {
  const counts = new Map()
  for (const { township, severity } of rows) {
    if (!township) continue
    if (!counts.has(township.id)) counts.set(township.id, [0, 0, 0, 0])
    counts.get(township.id)[severity - 1] += 1
  }
  return areas
    .filter((area) => area.kind === 'township' && counts.has(area.id))
    .map((area) => {
      const [s1, s2, s3, s4] = counts.get(area.id)
      return { area, n: s1 + s2 + s3 + s4, s1, s2, s3, s4 }
    })
}

/** Whether a view has anything to show now; the load of the district always has. */
export const hasSight = (view, sights) =>
  ({ load: true, overdue: sights.overdue > 0, township: sights.busiest !== null, serious: sights.serious !== null })[view]

/** The view after the one at `at`; those with nothing to show are passed over. */
export function nextAt(views, at, sights) {
  for (let step = 1; step <= views.length; step += 1) {
    const next = (at + step) % views.length
    if (hasSight(views[next], sights)) return next
  }
  return at
}

/** The most urgent life at risk that nobody has acknowledged here: it holds the cycle. */
export const holdingOf = (rows, acknowledged) => rows.filter((row) => row.severity === 1 && !acknowledged.has(row.id)).sort(byDeadline)[0] ?? null

/** The five tightest clocks. */
export const tightest = (rows) => rows.filter((row) => row.due_at !== null).slice(0, 5)

export const isPlaced = ({ place }) => Boolean(place) && place.lon !== null

/** The list of open incidents as the queue needs it: always in order of deadline, one entry an incident. */
import { isEnded } from '../shared/words.js'

/** Deadline first; those without one last, by severity and age. The id decides between equals, as on the server. */
export function byDeadline(a, b) {
  if (a.due_at === null && b.due_at === null) {
    const graver = a.severity - b.severity || Date.parse(a.occurred_at) - Date.parse(b.occurred_at)
    if (graver) return graver
  } else if (a.due_at !== b.due_at) {
    if (a.due_at === null) return 1
    if (b.due_at === null) return -1
    const apart = Date.parse(a.due_at) - Date.parse(b.due_at)
    if (apart) return apart
  }
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/**
 * Take what is known of some incidents into the list; an older state never replaces a newer one.
 * @param {object[]} rows  incidents in order of deadline
 * @param {object[]} changed  incidents in any order and any state
 * @returns {object[]} a new list in order; `rows` itself when nothing changed
 */
export function takeIn(rows, changed) {
  const fresh = new Map(changed.map((incident) => [incident.id, incident]))
  const kept = []
  let dropped = false
  for (const row of rows) {
    const next = fresh.get(row.id)
    if (next === undefined) kept.push(row)
    else if (next.seq < row.seq) {
      fresh.delete(row.id)
      kept.push(row)
    } else dropped = true
  }
  const arriving = [...fresh.values()].filter((incident) => !isEnded(incident)).sort(byDeadline)
  if (!dropped && !arriving.length) return rows
  return merge(kept, arriving)
}

/** Leave out the incidents with these ids: they are no longer ours to see. */
export function leaveOut(rows, ids) {
  const gone = new Set(ids)
  const kept = rows.filter((row) => !gone.has(row.id))
  return kept.length === rows.length ? rows : kept
}

function merge(left, right) {
  if (!right.length) return left
  // Pages arrive in order, so mostly all of one side stands behind all of the other.
  if (!left.length || byDeadline(left[left.length - 1], right[0]) < 0) return left.concat(right)
  const out = []
  let i = 0
  let j = 0
  while (i < left.length && j < right.length) out.push(byDeadline(left[i], right[j]) <= 0 ? left[i++] : right[j++])
  return out.concat(left.slice(i), right.slice(j))
}

/** Whether the deadline has passed; a closed incident is not overdue. */
export function isOverdue(incident, now) {
  return !isEnded(incident) && incident.due_at !== null && Date.parse(incident.due_at) <= now
}

/**
 * Move the counts per grid by what became of one incident, until the server's own counts arrive.
 * @param {Record<string, number[]>} load  grid id -> [open, overdue]
 * @param {object|undefined} before  the incident as it was, if it was open
 * @param {object|undefined} after  the incident as it is, if it is open
 * @returns {Record<string, number[]>}
 */
export function shiftLoad(load, before, after, now) {
  if (before?.grid?.id === after?.grid?.id && isDue(before, now) === isDue(after, now)) return load
  const next = { ...load }
  const add = (incident, n) => {
    if (!incident?.grid) return
    const [open, overdue] = next[incident.grid.id] ?? [0, 0]
    const late = isDue(incident, now) ? n : 0
    next[incident.grid.id] = [Math.max(0, open + n), Math.max(0, overdue + late)]
  }
  add(before, -1)
  add(after, 1)
  return next
}

const isDue = (incident, now) => (incident ? isOverdue(incident, now) : false)

/** Which incidents the queue shows, in which groups, and where on the sheet each row stands. */
import { isOverdue } from './open-incidents.js'
import { dayOf } from '../shared/time.js'

const HOUR_MS = 3_600_000

/** Where it is in doubt, a person must look: no place, outside, or more than one grid possible. */
export const isDoubtful = ({ place, grid }) =>
  place ? place.placed === 'unplaced' || place.certainty === 'review' : grid === null

/** Whether something is asked that whoever sits here may answer. */
export const isAsked = ({ asks = [] }, waits) => asks.some((ask) => waits.includes(ask))

/** Whether it waits for the hand of whoever sits here: its next step, or the answer to what is asked. */
export const isWaiting = (incident, waits) => waits.includes(incident.state) || isAsked(incident, waits)

const TO_FILE = ['reported', 'verified']
const TO_DISPATCH = ['filed', 'returned', 'reopened']
const IN_HAND = ['dispatched', 'handling', 'suspended']
const TO_CHECK = ['handled', 'checked']

/** name -> does an incident belong to it; the context holds now, the zone, the ids that are mine, and the states and asks that wait for me. */
export const FILTERS = {
  all: () => true,
  hand: (incident, { waits = [] }) => isWaiting(incident, waits),
  file: (incident) => TO_FILE.includes(incident.state),
  filed: (incident) => TO_DISPATCH.includes(incident.state),
  handling: (incident) => IN_HAND.includes(incident.state),
  check: (incident) => TO_CHECK.includes(incident.state),
  doubt: isDoubtful,
  mine: (incident, { mine }) => mine?.has(incident.id) ?? false,
  overdue: (incident, { now }) => isOverdue(incident, now),
  today: (incident, { now, zone }) => dayOf(Date.parse(incident.occurred_at), zone) === dayOf(now, zone),
}
export const CHIPS = ['all', 'hand', 'file', 'filed', 'handling', 'check', 'doubt', 'mine']

/** How many incidents each chip would show. */
export function countChips(rows, context) {
  const counts = Object.fromEntries(CHIPS.map((name) => [name, 0]))
  for (const row of rows) for (const name of CHIPS) if (FILTERS[name](row, context)) counts[name] += 1
  return counts
}

/** The rows that a filter leaves, in their order. */
export function filterRows(rows, show, context) {
  if (show === 'all') return rows
  // The days of 5,000 rows through Intl would cost a frame: today's bounds are found once.
  if (show === 'today') {
    const today = dayOf(context.now, context.zone)
    const from = context.now - 26 * HOUR_MS
    return rows.filter((row) => {
      const at = Date.parse(row.occurred_at)
      return at >= from && dayOf(at, context.zone) === today
    })
  }
  return rows.filter((row) => FILTERS[show](row, context))
}

/**
 * Put rows into groups by how long is left; in each, what waits for my hand stands before what others have in theirs.
 * @param {object[]} rows  open incidents in order of deadline
 * @returns {{ name: string, rows: object[] }[]} groups that hold something, the most urgent first
 */
export function groupByDeadline(rows, { now, zone, waits = [] }) {
  const groups = { overdue: [], hour: [], undated: [], today: [], later: [], paused: [] }
  const today = dayOf(now, zone)
  for (const row of rows) groups[groupOf(row, now, zone, today)].push(row)
  return Object.entries(groups)
    .filter(([, members]) => members.length)
    .map(([name, members]) => ({ name, rows: mineFirst(members, waits) }))
}

function mineFirst(rows, waits) {
  const mine = rows.filter((row) => isWaiting(row, waits))
  return mine.length && mine.length < rows.length ? [...mine, ...rows.filter((row) => !isWaiting(row, waits))] : rows
}

function groupOf(row, now, zone, today) {
  if (row.due_at === null || row.state === 'suspended') return row.state === 'suspended' ? 'paused' : 'undated'
  const left = Date.parse(row.due_at) - now
  if (left <= 0) return 'overdue'
  if (left <= HOUR_MS) return 'hour'
  return left < 25 * HOUR_MS && dayOf(now + left, zone) === today ? 'today' : 'later'
}

/**
 * Lay groups and rows out under each other.
 * @returns {{ entries: object[], height: number, ids: string[] }} each entry with its `top` in pixels
 */
export function layOut(groups, { rowHeight, headHeight }) {
  const entries = []
  const ids = []
  let top = 0
  for (const group of groups) {
    entries.push({ type: 'group', key: group.name, name: group.name, n: group.rows.length, top })
    top += headHeight
    for (const row of group.rows) {
      entries.push({ type: 'row', key: row.id, row, at: ids.length, top })
      ids.push(row.id)
      top += rowHeight
    }
  }
  return { entries, height: top, ids }
}

/** The entries that a window from `from` to `to` pixels touches. */
export function within(entries, from, to) {
  let low = 0
  let high = entries.length
  while (low < high) {
    const mid = (low + high) >> 1
    if (entries[mid].top < from) low = mid + 1
    else high = mid
  }
  const first = Math.max(0, low - 1)
  let end = first
  while (end < entries.length && entries[end].top < to) end += 1
  return entries.slice(first, end)
}

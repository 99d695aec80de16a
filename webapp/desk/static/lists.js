/** The lists of each desk, in the order in which they want a hand, and which incidents stand in them. Pure. */
import { t } from '../shared/i18n.js'
import { isOverdue } from '../command/open-incidents.js'
import { isAsked } from '../command/queue-rows.js'

const TO_FILE = ['reported', 'verified']
const TO_DISPATCH = ['filed', 'reopened']
const IN_HAND = ['dispatched', 'handling', 'suspended']
const WITH_US = ['handling', 'suspended', 'handled', 'checked']

/** name -> does an open incident belong to it; the context holds now, whose hands incidents are in, and what waits for the reader. */
const FILTERS = {
  file: (row, { work }) => TO_FILE.includes(row.state) && !work.above.has(row.id),
  dispatch: (row, { work }) => TO_DISPATCH.includes(row.state) && !work.above.has(row.id),
  returned: (row, { work }) => row.state === 'returned' && !work.above.has(row.id),
  check: (row) => row.state === 'handled' || row.state === 'checked',
  hand: (row) => IN_HAND.includes(row.state),
  above: (row, { work, waits = [] }) => work.above.has(row.id) || isAsked(row, waits),
  overdue: (row, { now }) => isOverdue(row, now),
  accept: (row, { work }) => row.state === 'dispatched' && work.held.has(row.id),
  mine: (row, { work }) => WITH_US.includes(row.state) && work.held.has(row.id),
  helping: (row, { work }) => work.helping.has(row.id),
  open: () => true,
}

/** Lists that are no incidents; each has a panel of its own. */
export const PANELS = ['whistles', 'contested', 'grids', 'record', 'ladder', 'units', 'answers']

/** Which desk somebody has by which role, and its lists; who has several roles has several desks. */
const DESKS = {
  township: ['file', 'dispatch', 'returned', 'check', 'overdue', 'hand', 'above', 'whistles', 'contested', 'ladder', 'grids'],
  department: ['accept', 'mine', 'helping', 'overdue', 'whistles', 'ladder', 'record'],
  chief: ['accept', 'file', 'dispatch', 'check', 'overdue', 'open', 'whistles', 'grids'],
  supervisor: ['ladder', 'overdue', 'units', 'whistles', 'contested', 'answers'],
  operator: ['contested', 'ladder', 'whistles', 'above', 'overdue', 'units', 'answers'],
}

/** What every other role finds here: what is open to them, to read. */
const READER = ['open', 'overdue']

/**
 * The desks of somebody, in the order in which they look after a matter.
 * @param {{ role: string }[]} roles
 * @returns {string[]} at least one
 */
export function desksOf(roles) {
  const held = Object.keys(DESKS).filter((desk) => roles.some(({ role }) => role === desk))
  return held.length ? held : ['reader']
}

export const listsOf = (desk) => DESKS[desk] ?? READER

export const deskWord = (desk) =>
  ({ township: t('Township desk'), department: t('Department'), chief: t('Grid chief'), supervisor: t('Supervisor'), operator: t('District desk'), reader: t('Desk') })[desk]

export const listWord = (name) =>
  ({
    file: t('To file'),
    dispatch: t('To dispatch'),
    returned: t('Returned'),
    check: t('To check'),
    hand: t('In hand'),
    above: t('Handed up, asked'),
    overdue: t('Overdue'),
    accept: t('To accept'),
    mine: t('With us'),
    helping: t('Asked to help'),
    open: t('Open'),
    whistles: t('Whistles'),
    contested: t('Contested'),
    grids: t('Grids and people'),
    record: t('Our record'),
    ladder: t('Supervision notices'),
    units: t('Overdue by unit'),
    answers: t('Answers to whistles'),
  })[name]

/** Why a list is empty, and what fills it. */
export const emptyWords = (name) =>
  ({
    file: [t('Nothing waits to be filed.'), t('Reports of residents and the hotline appear here first.')],
    dispatch: [t('Nothing waits to be given out.'), t('What is filed and in nobody’s hands appears here.')],
    returned: [t('Nothing came back.'), t('What a department returns with a reason appears here.')],
    check: [t('Nothing waits to be checked.'), t('What was reported as handled appears here.')],
    hand: [t('Nobody has anything in hand.'), t('What was dispatched appears here until it is handled.')],
    above: [t('Nothing was handed up or asked.'), t('What was handed up to the district appears here until it is given out; help, more time or a pause until it is granted or refused.')],
    overdue: [t('Nothing is overdue.'), t('An incident whose deadline has passed appears here.')],
    accept: [t('Nothing waits to be accepted.'), t('What is dispatched to you appears here.')],
    mine: [t('Nothing is with you.'), t('What you accept stays here until it is closed.')],
    helping: [t('Nobody asked you to help.'), t('A joint case that another unit leads appears here.')],
    open: [t('Nothing is open.'), t('A report or an alert appears here by itself.')],
  })[name]

/**
 * The rows of a list, in their order.
 * @param {object[]} rows  open incidents in order of deadline
 * @param {{ now: number, work: { held: Set<string>, helping: Set<string>, above: Set<string> }, waits: string[] }} context
 */
export const rowsOf = (name, rows, context) => rows.filter((row) => FILTERS[name](row, context))

/** How many rows each list of a desk has; lists that are no incidents are left out. */
export function countLists(desk, rows, context) {
  const names = listsOf(desk).filter((name) => FILTERS[name])
  return Object.fromEntries(names.map((name) => [name, rowsOf(name, rows, context).length]))
}

/** The words of plans, edits and figures for what the server says in codes. */
import { t } from '../shared/i18n.js'
import { areaText, figure, nameOf, spacedCode } from '../shared/words.js'

const table = (words) => (code) => words()[code] ?? code

export const stateWord = table(() => ({
  draft: t('Draft'),
  submitted: t('To approve'),
  approved: t('Approved'),
  published: t('Published'),
  withdrawn: t('Withdrawn'),
  reverted: t('Reverted'),
}))

/** What an edit does, as a verb. */
export const editWord = table(() => ({
  split: t('Split by a line'),
  merge: t('Merge'),
  move_vertex: t('Move a corner'),
  move_edge: t('Move a shared edge'),
  reshape: t('Redraw a border'),
  hand_over: t('Hand over'),
  carve_out: t('Carve out a dedicated grid'),
  straighten: t('Straighten'),
  rename: t('Rename'),
  redraw: t('Take a proposal'),
  restore: t('Put back'),
}))

const EDIT_ICONS = {
  split: 'split',
  merge: 'merge',
  reshape: 'reshape',
  hand_over: 'hand-over',
  carve_out: 'carve',
  straighten: 'straighten',
  rename: 'rename',
  redraw: 'propose',
  restore: 'history',
}
export const editIcon = (op) => EDIT_ICONS[op] ?? 'move'

/** What happened to a plan: who did it stands before it. */
export const stepDoneWord = table(() => ({
  create: t('began it'),
  submit: t('submitted it for approval'),
  send_back: t('sent it back'),
  withdraw: t('withdrew it'),
  approve: t('approved it'),
  hour: t('set when it is published'),
  held: t('approved it; it could not be published'),
  publish: t('published it'),
  revert: t('reverted it'),
  rebase: t('brought it onto the newest edition'),
}))

/** The rows of the table of figures; `per` is a quotient and has no rows behind it. */
export const FIGURES = ['households', 'buildings', 'sites', 'devices', 'open_incidents', 'due_visits', 'staff', 'per_person']

export const figureWord = table(() => ({
  households: t('Households'),
  buildings: t('Buildings'),
  sites: t('Sites'),
  devices: t('Devices'),
  open_incidents: t('Open incidents'),
  due_visits: t('Visits due'),
  staff: t('Grid staff'),
  per_person: t('Households a person'),
}))

const ONE = table(() => ({
  buildings: t('1 building'),
  sites: t('1 site'),
  devices: t('1 device'),
  due_visits: t('1 visit'),
  staff: t('1 person'),
}))
const MANY = {
  households: (n) => t('%(n)s households', { n }),
  buildings: (n) => t('%(n)s buildings', { n }),
  sites: (n) => t('%(n)s sites', { n }),
  devices: (n) => t('%(n)s devices', { n }),
  open_incidents: (n) => t('%(n)s open', { n }),
  due_visits: (n) => t('%(n)s visits', { n }),
  staff: (n) => t('%(n)s people', { n }),
}
/** 47 户: how many of a kind, with its word. */
export const countText = (kind, n) => (n === 1 && ONE(kind) !== kind ? ONE(kind) : MANY[kind](figure(n)))

/** +47, −12, 0: what a figure has become more or less, with a real minus sign. */
export function differenceText(before, after, digits = 0) {
  if (before === null || after === null) return ''
  const by = Number((after - before).toFixed(digits))
  if (by === 0) return '0'
  return by > 0 ? `+${figure(by)}` : `−${figure(-by)}`
}

/** A figure that may be missing: nobody to divide by, for one. */
export const figureText = (n) => (n === null || n === undefined ? '—' : figure(n))

/** A grid by its name, else its code, else that it is new. */
export const gridText = (grid) => nameOf(grid) || (grid.code && spacedCode(grid.code)) || t('New grid')

const BETWEEN = { redraw: ' / ', merge: ' + ', hand_over: ' → ', carve_out: ' → ', split: ' → ' }
const MOST_NAMED = 3

/** What an edit touched and moved, in one line: 清河 07 ⇄ 清河 04 · 47 户. */
export function editText({ op, grids, moved, was }) {
  if (was) return `${gridText(was)} → ${gridText(grids[0])}`
  const named = grids.slice(0, MOST_NAMED).map(gridText).join(BETWEEN[op] ?? ' ⇄ ')
  const more = grids.length > MOST_NAMED ? t('and %(n)s more', { n: grids.length - MOST_NAMED }) : null
  return [more ? `${named} ${more}` : named, movedText(moved)].filter(Boolean).join(' · ')
}

function movedText(moved) {
  const households = moved.reduce((sum, one) => sum + one.households, 0)
  if (households) return countText('households', households)
  const area_m2 = moved.reduce((sum, one) => sum + one.area_m2, 0)
  if (area_m2 >= 500) return areaText(area_m2)
  return area_m2 >= 0.5 ? t('%(n)s m²', { n: figure(Math.round(area_m2)) }) : null
}

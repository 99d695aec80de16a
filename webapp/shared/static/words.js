/** The words of the field for what the server says in codes. */
import { locale, t } from './i18n.js'

/** The name of anything that has a Chinese and perhaps an English one. */
export const nameOf = (thing) => (locale() === 'en' && thing.name_en) || thing.name

const table = (words) => (code) => words()[code] ?? code

export const severityWord = table(() => ({
  1: t('Life at risk'),
  2: t('Serious'),
  3: t('Ordinary'),
  4: t('Take note'),
}))

export const stateWord = table(() => ({
  reported: t('To file'),
  verified: t('Verified'),
  filed: t('Filed'),
  dispatched: t('Dispatched'),
  handling: t('Being handled'),
  handled: t('Handled'),
  checked: t('Checked'),
  closed: t('Closed'),
  rejected: t('Rejected'),
  merged: t('Merged'),
  returned: t('Returned'),
  suspended: t('Suspended'),
  reopened: t('Reopened'),
}))

/** What who has an incident in hand asks of a desk, and nobody has answered yet. */
export const askWord = table(() => ({ ask_extend: t('asks for more time'), ask_help: t('asks for help'), ask_suspend: t('asks to suspend') }))

const ENDED = ['closed', 'rejected', 'merged']
/** Whether an incident is over, whichever way it ended. */
export const isEnded = ({ state }) => ENDED.includes(state)

/** Steps that a phone takes without having asked the server; a desk is told the words with the steps. */
export const stepWord = table(() => ({
  file: t('File'),
  verify: t('Verify'),
  ask_verification: t('Have it verified'),
  accept: t('Accept'),
  fix: t('Fix on the spot'),
  handle: t('Report as handled'),
  check: t('Check'),
  feedback: t('Tell the reporter'),
  resume: t('Resume'),
  close: t('Close'),
}))

/** What a photo shows of its matter. */
export const photoWord = table(() => ({ evidence: t('Photo'), before: t('Before'), after: t('After') }))

/** What the log tells of a step: who did it stands before it. */
export const doneWord = table(() => ({
  open: t('opened it'),
  report: t('reported it'),
  join: t('told of it again'),
  recount: t('worked its deadline out anew'),
  file: t('filed it'),
  ask_verification: t('had it verified'),
  verify: t('verified it'),
  reject: t('rejected it'),
  merge: t('merged it into another'),
  dispatch: t('dispatched it'),
  accept: t('accepted it'),
  return: t('returned it'),
  escalate: t('handed it up'),
  handle: t('reported it as handled'),
  fix: t('fixed it on the spot'),
  ask_help: t('asked for help'),
  ask_suspend: t('asked to suspend it'),
  suspend: t('suspended it'),
  resume: t('let it go on'),
  ask_extend: t('asked for more time'),
  extend: t('gave more time'),
  refuse: t('refused what was asked'),
  add_party: t('added a party'),
  end_party: t('ended a party'),
  check: t('checked it'),
  rework: t('sent it back to work'),
  feedback: t('told the reporter'),
  close: t('closed it'),
  reopen: t('reopened it'),
  contact: t('spoke with the reporter'),
  correct: t('corrected it'),
  derive: t('linked it to its origin'),
  note: t('noted'),
  move: t('handed it to another grid, since the boundaries were redrawn'),
  whistle: t('whistled for a department'),
  acknowledge: t('is on the way'),
  arrive: t('is there'),
  outcome: t('told the outcome'),
  decline: t('refused to come'),
  rate: t('rated who came'),
  silence: t('heard no answer to a whistle'),
  contest: t('put it on the contested list'),
  arbitrate: t('decided whose it is'),
  follow: t('told what was done for an incident merged into this one'),
  supervise: t('opened a supervision notice'),
  answer: t('answered the supervision notice'),
  supervised: t('closed the supervision notice'),
}))

export const sourceWord = table(() => ({
  patrol: t('Patrol'),
  resident: t('Resident'),
  hotline: t('Hotline'),
  letter: t('Letter'),
  visit: t('Visit'),
  web: t('Web'),
  wechat: t('WeChat'),
  inspection: t('Inspection'),
  camera: t('Camera'),
  drone: t('Drone'),
  sensor: t('Sensor'),
  deliberation: t('Deliberation'),
}))

export const kindWord = table(() => ({ urban: t('Urban'), rural: t('Rural'), dedicated: t('Dedicated') }))

export const deviceWord = table(() => ({
  camera: t('Camera'),
  gateway: t('Gateway'),
  drone_dock: t('Drone dock'),
  drone: t('Drone'),
  smoke: t('Smoke alarm'),
  charging_pile: t('Charging pile'),
  sensor: t('Sensor'),
}))

export const siteWord = table(() => ({
  building: t('Buildings'),
  stairwell: t('Stairwells'),
  enterprise: t('Enterprises'),
  school: t('Schools'),
  hospital: t('Hospitals'),
  market: t('Markets'),
  works: t('Works'),
  station: t('Stations'),
  park: t('Parks'),
  shop: t('Shops'),
  hazard_point: t('Hazard points'),
  key_premises: t('Key premises'),
}))

export const roleWord = table(() => ({
  worker: t('Grid worker'),
  chief: t('Grid chief'),
  township: t('Township desk'),
  department: t('Department'),
  operator: t('District desk'),
  planner: t('Planner'),
  supervisor: t('Supervisor'),
  auditor: t('Auditor'),
  admin: t('Administrator'),
}))

const postWord = table(() => ({
  'full-time': t('Full-time worker'),
  'part-time': t('Part-time worker'),
  mobile: t('Mobile worker'),
  micro: t('Micro-grid worker'),
}))

/** What a person is: the post where there is one, else the role. */
export const positionOf = ({ post, role }) => (post ? postWord(post) : roleWord(role))

/** Who did it, where no person did: a device by its code, a resident, or the system. */
export function doerWord(role) {
  if (role.startsWith('device:')) return role.slice('device:'.length)
  return role === 'public' ? t('Resident') : t('System')
}

/** How high a matter stands: who answers for it. */
export const levelWord = table(() => ({
  micro: t('Micro-grid worker'),
  'full-time': t('Full-time grid worker'),
  chief: t('Grid chief'),
  township: t('Township'),
  district: t('District'),
}))

/** What part somebody has in a joint case. */
export const partyWord = table(() => ({ lead: t('Lead unit'), assist: t('Assisting unit'), member: t('Temporary member') }))

export const methodWord = table(() => ({
  gps: t('position from the phone'),
  pin: t('set by hand on the map'),
  exif: t('position from the photo'),
  site: t('place of the site'),
  pose: t('worked out from the camera picture'),
  homography: t('worked out from the camera picture'),
  laser: t('measured by laser'),
  device: t('registered place of the device'),
  fused: t('several positions together'),
}))

export const causeWord = table(() => ({
  import: t('Imported'),
  split: t('Split'),
  merge: t('Merged'),
  boundary: t('Boundary moved'),
  rename: t('Renamed'),
  carve: t('Dedicated grid carved out'),
  node: t('Corner moved'),
  correction: t('Corrected'),
}))

/** A code of 15 digits in groups of three, as it is read aloud. */
export const spacedCode = (code) =>
  code.length === 15 ? [code.slice(0, 6), code.slice(6, 9), code.slice(9, 12), code.slice(12)].join(' ') : code

const grouped = new Intl.NumberFormat('en-US')

/** 1,204 */
export const figure = (n) => grouped.format(n)

/** 44,600 m² as 4.5 公顷 / 4.5 ha, from 1 km² on in km². */
export function areaText(m2) {
  if (m2 >= 1e6) return t('%(n)s km²', { n: (m2 / 1e6).toFixed(1) })
  return t('%(n)s ha', { n: (m2 / 1e4).toFixed(1) })
}

/** Where an incident is, for a row: the grid, a doubt about it, or that it has no place. */
export function whereText(incident) {
  const { place, grid, township } = incident
  if (grid) return place?.certainty === 'review' ? `${nameOf(grid)} ?` : nameOf(grid)
  if (!place || place.placed === 'unplaced') return t('not placed')
  if (place.placed === 'outside') return t('outside the district')
  return township ? `${nameOf(township)} ?` : t('grid unsure')
}

/** Whether its grids are shown one by one: several are possible, and none of them is sure. */
export const isUnsure = ({ place, candidates = [] }) => candidates.length > 1 && place?.certainty !== 'sure'

/** What happened: the class, or that none was given. */
export const classText = (incident) => (incident.category ? nameOf(incident.category) : t('No class yet'))

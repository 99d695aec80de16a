/** What the command page asks of the server; how it is asked is the business of shared/api.js. */
import { api } from '../shared/api.js'
import { dayOf } from '../shared/time.js'

const FIRST_PAGE = 200
const PAGE = 500

/** The moment a question is about, as the server reads it; nothing for now. */
const moment = (asOf) => (asOf ? new Date(asOf).toISOString() : undefined)

/** The most urgent of the open incidents: a short page, so that the screen is usable at once. */
export const firstOpenPage = (asOf) => api.get('/incidents', { state: 'open', limit: FIRST_PAGE, as_of: moment(asOf) })

/**
 * All open incidents, page by page.
 * @param {(page: { items: object[], total: number, last: boolean }) => void} take
 * @param {() => boolean} wanted  asked before each page
 * @param {Promise<object>} first  the first page, if it was asked for already
 * @param {Promise<void>} turn  the others are asked for when this is fulfilled
 */
export async function eachOpenPage(take, wanted, first = firstOpenPage(), turn = undefined) {
  let page = await first
  while (wanted()) {
    take({ items: page.items, total: page.total, last: page.next === null })
    if (page.next === null) return
    await turn
    page = await api.get(widened(page.next))
  }
}

/** The next page is a link of the server's; from the second on it may be as long as a page can be. */
function widened(link) {
  const url = new URL(link, location.href)
  url.searchParams.set('limit', PAGE)
  return url.pathname + url.search
}

export async function idsThatAreMine() {
  const ids = []
  let page = await api.get('/incidents', { state: 'open', mine: 1, limit: PAGE })
  for (;;) {
    ids.push(...page.items.map((incident) => incident.id))
    if (page.next === null) return ids
    page = await api.get(page.next)
  }
}

/** Closed incidents that happened today: they are listed newest first, so reading stops at yesterday. */
export async function closedOfToday(now, zone, asOf) {
  const today = dayOf(now, zone)
  const found = []
  let page = await api.get('/incidents', { state: 'closed', limit: FIRST_PAGE, as_of: moment(asOf) })
  for (;;) {
    const ofToday = page.items.filter((incident) => dayOf(Date.parse(incident.occurred_at), zone) === today)
    found.push(...ofToday)
    if (ofToday.length < page.items.length || page.next === null) return found
    page = await api.get(page.next)
  }
}

const DETAILS = {
  // Who may see figures alone is told neither sources nor log.
  incident: async (id) => ({ candidates: [], sources: [], log: [], steps: [], clocks: [], parties: [], similar: [], ...(await api.get(`/incidents/${encodeURIComponent(id)}`)) }),
  grid: (code, asOf) => api.get(`/grids/${encodeURIComponent(code)}`, { as_of: moment(asOf) }),
  place: placeAt,
  device: (code) => api.get(`/devices/${encodeURIComponent(code)}`),
}
export const detailOf = ({ kind, id }, asOf) => DETAILS[kind](id, asOf)

/** A place is named by its own coordinates; the grid that holds it is asked for. */
async function placeAt(id, asOf) {
  const [lon, lat] = id.split(',').map(Number)
  const { grid, responsible } = await api.get('/locate', { lon, lat, as_of: moment(asOf) })
  return { lon, lat, grid, people: responsible }
}

/**
 * Where somebody who does not answer for the whole district begins to look: the middle of the own area.
 * @returns {Promise<[number, number]|null>} longitude and latitude; null for the district's own middle
 */
export async function ownCentre({ roles }) {
  if (roles.some(({ area }) => area?.kind === 'district')) return null
  const { items } = await api.get('/areas')
  // The widest come first: without an area of the role's own, the last is the community of the own grid.
  const own = items.find(({ id }) => roles.some(({ area }) => area?.id === id)) ?? items[items.length - 1]
  return own ? [(own.bounds[0] + own.bounds[2]) / 2, (own.bounds[1] + own.bounds[3]) / 2] : null
}

export const numbers = (asOf) => api.get('/numbers', { as_of: moment(asOf) })
export const gridLoad = async (asOf) => (await api.get('/grids/load', { as_of: moment(asOf) })).items
export const editions = async () => (await api.get('/editions')).items
/** What happened by quarters of an hour, from one instant to another. */
export const rhythm = async (from, to) => (await api.get('/incidents/rhythm', { from: moment(from), to: moment(to) })).bars
export const me = () => api.get('/me')
export const gridHistory = async (code) => (await api.get(`/grids/${encodeURIComponent(code)}/history`)).items
export const staff = async (asOf) => (await api.get('/people', { as_of: moment(asOf) })).items
export const silentDevices = async () => (await api.get('/devices', { silent: 1, limit: PAGE })).items
export const search = async (q, signal) => (await api.get('/search', { q }, { signal })).items
export const gridAt = async (lon, lat, asOf) => (await api.get('/locate', { lon, lat, as_of: moment(asOf) })).grid
export const postStep = (id, step) => api.post(`/incidents/${encodeURIComponent(id)}/steps`, step)
/** The same step of many; each answer stands for itself. */
export const postSteps = async (steps) => (await api.post('/incidents/steps', steps, { patienceMs: 120_000 })).items
export const targetsOf = async (id) => (await api.get(`/incidents/${encodeURIComponent(id)}/targets`)).items
export const similarTo = async (id) => (await api.get(`/incidents/${encodeURIComponent(id)}/similar`)).items
export const categories = async () => (await api.get('/categories')).items

/** Safe zones that hold now, and whether the reader may draw one. */
export const safeZones = () => api.get('/safe-zones')
export const drawSafeZone = (zone) => api.post('/safe-zones', zone)
export const liftSafeZone = (id) => api.post(`/safe-zones/${encodeURIComponent(id)}/end`, {})

/** Hazards that were found with an incident. */
export const hazardsOf = async (incident) => (await api.get('/hazards', { incident, state: 'all' })).items

/** Who sent a report without an account; the look and its purpose stand in the audit. */
export const revealReporter = (report, purpose) => api.post(`/reports/${encodeURIComponent(report)}/reveal`, { purpose })

/** Send a photo under its SHA-256. @returns {Promise<string>} that name, in hex */
export async function sendPhoto(file) {
  const bytes = await file.arrayBuffer()
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  await api.putPiece(`/media/${sha256}`, bytes, 0, bytes.byteLength)
  return sha256
}

/** The desk of whoever asks: who sits there, and what was handed over. */
export const desk = () => api.get('/desk')
export const turns = () => api.get('/desk/turns')
export const matters = () => api.get('/desk/matters')
export const writeTurn = (turn) => api.post('/desk/turns', turn)
export const strikeTurn = (id) => api.post(`/desk/turns/${encodeURIComponent(id)}/strike`, {})
export const handOver = (handover) => api.post('/desk/handovers', handover)
export const takeOver = (id) => api.post(`/desk/handovers/${encodeURIComponent(id)}/take`, {})

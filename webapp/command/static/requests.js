/** What the command page asks of the server; how it is asked is the business of shared/api.js. */
import { get, post } from '../shared/api.js'
import { dayOf } from './time.js'

const FIRST_PAGE = 200
const PAGE = 500

/** All open incidents, page by page; the first page is short, so that the screen is usable at once. */
export async function eachOpenPage(take, wanted = () => true) {
  let page = await get('/incidents', { query: { state: 'open', limit: FIRST_PAGE } })
  while (wanted()) {
    take({ items: page.items, total: page.total, last: page.next === null })
    if (page.next === null) return
    page = await get(widened(page.next))
  }
}

/** The next page is a link of the server's; from the second on it may be as long as a page can be. */
function widened(link) {
  const url = new URL(link, location.href)
  url.searchParams.set('limit', PAGE)
  return url.pathname + url.search
}

export async function idsThatAreMine() {
  const answer = await get('/incidents', { query: { state: 'open', mine: 1, limit: PAGE } })
  return answer.items.map((incident) => incident.id)
}

/** Closed incidents that happened today: they are listed newest first, so reading stops at yesterday. */
export async function closedOfToday(now, zone) {
  const today = dayOf(now, zone)
  const found = []
  let page = await get('/incidents', { query: { state: 'closed', limit: FIRST_PAGE } })
  for (;;) {
    const ofToday = page.items.filter((incident) => dayOf(Date.parse(incident.occurred_at), zone) === today)
    found.push(...ofToday)
    if (ofToday.length < page.items.length || page.next === null) return found
    page = await get(page.next)
  }
}

const DETAILS = {
  incident: (id) => get(`/incidents/${encodeURIComponent(id)}`),
  grid: (code) => get(`/grids/${encodeURIComponent(code)}`),
  device: (code) => get(`/devices/${encodeURIComponent(code)}`),
}
export const detailOf = ({ kind, id }) => DETAILS[kind](id)

export const numbers = () => get('/numbers')
export const gridLoad = async () => (await get('/grids/load')).items
export const me = () => get('/me')
export const gridHistory = async (code) => (await get(`/grids/${encodeURIComponent(code)}/history`)).items
export const peopleOnDuty = async () => (await get('/people', { query: { on_duty: 1 } })).items
export const silentDevices = async () => (await get('/devices', { query: { silent: 1, limit: PAGE } })).items
export const search = async (q, signal) => (await get('/search', { query: { q }, signal })).items
export const gridAt = async (lon, lat) => (await get('/locate', { query: { lon, lat } })).grid
export const postStep = (id, step) => post(`/incidents/${encodeURIComponent(id)}/steps`, step)

/** What the desks ask of the server beside the queue; how it is asked is the business of shared/api.js. */
import { api } from '../shared/api.js'

const LONGEST_LIST = 500

/** Whose hands open incidents are in. */
export async function work() {
  const { held, helping, above } = await api.get('/desk/work')
  return { held: new Set(held), helping: new Set(helping), above: new Set(above) }
}
export const units = async () => (await api.get('/desk/units')).items
export const ownDepartments = async () => (await api.get('/me/departments')).items
export const grids = async () => (await api.get('/grids', { limit: LONGEST_LIST })).items
export const staff = async () => (await api.get('/people')).items

export const whistles = async () => (await api.get('/whistles', { state: 'open', limit: 200 })).items
export const whistling = (incident) => api.get('/whistles/targets', { incident })
export const whistle = (body) => api.post('/whistles', body)
export const answerWhistle = (id, action, body) => api.post(`/whistles/${encodeURIComponent(id)}/${action}`, body)
/** How departments answered the whistles that were blown since an instant. */
export const whistleFigures = async (from) => (await api.get('/whistles/figures', { from })).items

export const contested = async () => (await api.get('/contested', { limit: 200 })).items
export const decide = (id, body) => api.post(`/contested/${encodeURIComponent(id)}/decide`, body)

export const supervisions = async () => (await api.get('/supervisions', { limit: 200 })).items
export const issueNotice = (body) => api.post('/supervisions', body)
export const sayOfNotice = (id, deed, body) => api.post(`/supervisions/${encodeURIComponent(id)}/${deed}`, body)
export const noticeAddress = (id) => `/api/v1/supervisions/${encodeURIComponent(id)}/notice.pdf`

/** Having zones worked out for an area: asked, watched until it is done, looked at choice by choice, taken or put away. */
import { isUnderWay } from './panel-proposal-actions.js'
import { boundsOf } from './zone-bounds.js'

const WATCH_MS = 1000
const NOTHING_SHOWN = { zoneShown: null, zoneFeatures: [] }

/**
 * @param {{ get: () => object, set: (changes: object) => void }} store
 * @param {object} api
 * @param {{ attempt: Function, send: Function }} desk
 * @param {(target: object, key: null, sheet: string) => void} show  moves the map
 */
export function createZoneActions({ get, set }, api, desk, show) {
  const path = (id, rest = '') => `/zones/proposals/${id}${rest}`
  const keep = (id, changes) => set({ zoneProposals: get().zoneProposals.map((one) => (one.id === id ? { ...one, ...changes } : one)) })

  /** Ask how far it is, as long as its list is looked at and it is under way; what was asked for here shows itself. */
  const watch = async (id, asked = false) => {
    for (;;) {
      await new Promise((go) => setTimeout(go, WATCH_MS))
      if (get().side !== 'zones' || !get().zoneProposals?.some((one) => one.id === id)) return
      const found = await desk.attempt(() => api.get(path(id)))
      if (!found) return
      keep(id, found)
      if (isUnderWay(found)) continue
      if (asked && found.state === 'done') await showChoice(id, 1)
      return
    }
  }

  const draw = (zoneShown, features) => {
    const known = get().zoneFeatures.length > 0 && sameGround(get().zoneFeatures, features)
    set({ zoneShown, zoneFeatures: features })
    if (!known && features.length) show({ bbox: boundsOf(features) }, null, get().sheet)
  }

  const readToday = async () => {
    const { features } = await api.get('/zones')
    set({ zonesNow: features })
    return features
  }

  /** Draw the zones in force that group the same parts of the same area; all of a kind are drawn together. */
  const showToday = (area, group) => {
    draw({ area, group }, get().zonesNow.filter(({ properties }) => properties.area === area && properties.group === group))
  }

  const showChoice = (id, choice) =>
    desk.attempt(async () => {
      const { features } = await api.get(path(id, `/choices/${choice}`))
      draw({ proposal: id, choice }, features)
    })

  return {
    /** Turn to the plans or to the zones. @param {'plans'|'zones'} side */
    turnTo: (side) => set({ side, ...NOTHING_SHOWN }),
    /** Read the zones in force and what was worked out before; go on watching what is not done. */
    listZones: () =>
      desk.attempt(async () => {
        const [{ items }] = await Promise.all([api.get('/zones/proposals'), readToday()])
        const known = new Map((get().zoneProposals ?? []).map((one) => [one.id, one]))
        set({ zoneProposals: items.map((item) => ({ ...known.get(item.id), ...item })) })
        for (const item of items) {
          if (isUnderWay(item)) watch(item.id)
          else if (item.choices_n) keep(item.id, await api.get(path(item.id)))
        }
      }),
    /** @param {object} wish  group, area, count, weights, skills, seed */
    proposeZones: (wish) =>
      desk.send(async (id) => {
        const asked = await api.post('/zones/proposals', { id, ...wish })
        set({ zoneProposals: [asked, ...(get().zoneProposals ?? [])] })
        watch(id, true)
        return true
      }),
    showToday,
    showChoice,
    hideZones: () => set(NOTHING_SHOWN),
    cancelZones: (id) =>
      desk.send(async (sent) => {
        await api.post(path(id, '/cancel'), { id: sent })
        keep(id, { cancelled: true })
        return true
      }),
    /** Make a choice the zones of today. @param {string[]} names  of its zones, in their order */
    takeZones: (id, choice, names) =>
      desk.send(async (sent) => {
        const { area, group } = await api.post(path(id, '/take'), { id: sent, choice, names })
        keep(id, { state: 'taken', taken: choice })
        await readToday()
        showToday(area, group)
        return true
      }),
    dropZones: (id) =>
      desk.send(async (sent) => {
        await api.post(path(id, '/drop'), { id: sent })
        const shown = get().zoneShown?.proposal === id ? NOTHING_SHOWN : {}
        set({ zoneProposals: get().zoneProposals.filter((one) => one.id !== id), ...shown })
        return true
      }),
  }
}

/** About a metre, in degrees. */
const SAME_DEG = 1e-5

const sameGround = (one, other) => {
  const [a, b] = [boundsOf(one), boundsOf(other)]
  return a.every((side, n) => Math.abs(side - b[n]) < SAME_DEG)
}

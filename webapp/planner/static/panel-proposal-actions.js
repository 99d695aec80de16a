/** Having borders worked out for a plan: asked, watched until it is done, taken as an edit or dropped. */
import { shownFeatures } from './proposal-layers.js'
import { boundsOf } from './zone-bounds.js'

const WATCH_MS = 1000
const UNDER_WAY = ['waiting', 'running']

/** Whether it is still being worked out. */
export const isUnderWay = ({ state }) => UNDER_WAY.includes(state)

/**
 * @param {{ get: () => object, set: (changes: object) => void }} store
 * @param {object} api
 * @param {{ attempt: Function, send: Function }} desk
 * @param {() => Promise<void>} refresh  reads the open plan anew
 * @param {(target: object, key: null, sheet: string) => void} show  moves the map
 */
export function createProposalActions({ get, set }, api, desk, refresh, show) {
  const path = (rest = '') => `/plans/${get().plan.id}/proposals${rest}`
  const keep = (id, changes) => set({ proposals: get().proposals.map((one) => (one.id === id ? { ...one, ...changes } : one)) })

  /** Ask how far it is, as long as the plan is open and it is under way. */
  const watch = async (id) => {
    const plan = get().plan.id
    for (;;) {
      await new Promise((go) => setTimeout(go, WATCH_MS))
      if (get().plan?.id !== plan || !get().proposals.some((one) => one.id === id)) return
      const found = await desk.attempt(() => api.get(path(`/${id}`)))
      if (!found) return
      keep(id, found)
      if (isUnderWay(found)) continue
      if (found.state === 'done' && found.features) showProposal(id, get().sheet)
      return
    }
  }

  /** Draw one on the map, and go there; null takes it off. */
  const showProposal = (id, sheet = 'map') => {
    set({ proposalShown: id })
    const features = shownFeatures(get())
    if (features.length) show({ bbox: boundsOf(features) }, null, sheet)
  }

  return {
    showProposal,
    /**
     * Read what was worked out for the open plan before, and go on watching what is not done. It waits its turn among
     * what is sent: an answer from before a proposal was taken must not come after.
     */
    listProposals: () =>
      desk.send(async () => {
        const watched = new Set(get().proposals.filter(isUnderWay).map(({ id }) => id))
        const { items } = await api.get(path())
        set({ proposals: items.map((item) => ({ ...get().proposals.find(({ id }) => id === item.id), ...item })) })
        for (const item of items) {
          if (isUnderWay(item) && !watched.has(item.id)) watch(item.id)
          else if (item.state === 'done') keep(item.id, await api.get(path(`/${item.id}`)))
        }
      }),
    /** @param {'split'|'balance'|'partition'} kind  @param {object} wish  `grid`, `community`, `area` or `grids`; seed, min, max */
    propose: (kind, wish) =>
      desk.send(async (id) => {
        const asked = await api.post(path(), { id, kind, ...wish })
        set({ proposals: [asked, ...get().proposals] })
        watch(id)
        return true
      }),
    /** Send a file of grids; nothing of it is drawn yet. @returns {Promise<object|undefined>} what is in it */
    bringFile: (file, onProgress) => desk.attempt(() => api.upload('/imports', { kind: 'grids', name: file.name }, file, { onProgress })),
    /** Have a file that was sent fitted into the plan. @param {object} wish  `upload`; layer, datum, crs, mapping, snap_m, repair */
    importFile: (wish) =>
      desk.send(async (id) => {
        const asked = await api.post(`/plans/${get().plan.id}/import`, { id, ...wish })
        set({ proposals: [asked, ...get().proposals] })
        watch(id)
        return true
      }),
    cancelProposal: (id) =>
      desk.send(async (sent) => {
        await api.post(path(`/${id}/cancel`), { id: sent })
        keep(id, { cancelled: true })
        return true
      }),
    /** What it proposes becomes an edit of the plan, which can be undone like any other. */
    takeProposal: (id) =>
      desk.send(async (sent) => {
        await api.post(path(`/${id}/take`), { id: sent })
        keep(id, { state: 'taken' })
        if (get().proposalShown === id) set({ proposalShown: null })
        await refresh()
        return true
      }),
    /** Put it away for good; what is under way is stopped. */
    dropProposal: (id) =>
      desk.send(async (sent) => {
        await api.post(path(`/${id}/drop`), { id: sent })
        set({ proposals: get().proposals.filter((one) => one.id !== id) })
        return true
      }),
  }
}

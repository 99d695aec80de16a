/** What a person can do on the page, and what the server is asked for then. A refusal is told in the state, never thrown. */
import { signOut } from '../shared/api.js'
import { setLanguage } from '../shared/i18n.js'
import { signedInAgain } from '../shared/sign-in-again.js'
import { setTheme } from '../shared/theme.js'
import { createDraftActions } from './draft-actions.js'
import { createProposalActions } from './panel-proposal-actions.js'
import { openedFrom } from './opened.js'
import { createZoneActions } from './zone-actions.js'
import { wholeAnew } from './drawn.js'

/** A wait that is longer than this shows itself. */
const BLINK_MS = 200
const TRIES_AFTER_MS = [800, 2500]

/**
 * @param {{ get: () => object, set: (changes: object) => void }} store
 * @param {object} api  the door to the server
 */
export function createActions(store, api) {
  const desk = createDesk(store)
  const { set, get } = store

  const listPlans = (more = null) =>
    desk.attempt(async () => {
      const page = more ? await api.get(more) : await api.get('/plans')
      set({ plans: more ? [...(get().plans ?? []), ...page.items] : page.items, nextPlans: page.next })
    })

  const openPlan = (id) =>
    desk.attempt(async () => {
      const [found, check, impact] = await Promise.all([
        api.get(`/plans/${id}`), api.get(`/plans/${id}/check`), api.get(`/plans/${id}/impact`),
      ])
      const { plan, edits, notes, steps } = openedFrom(found)
      const tool = plan.can.includes('edit') ? get().tool : 'look'
      set({ plan, edits, notes, steps, check, impact, impactOf: null, selection: [], remarks: [], tool, proposals: [], proposalShown: null, drawn: wholeAnew(get()) })
      return plan
    })

  /**
   * Look at a place, `[lon, lat]`, at grids by their ids, or at a `{ bbox }`; `key` says which defect it is, `sheet` what
   * stands before the map of a phone then.
   */
  const show = (target, key = null, sheet = 'map') => {
    const where = target.bbox ? target : typeof target[0] === 'number' ? { place: target } : { grids: target }
    set({ focus: { ...where, key, n: (get().focus?.n ?? 0) + 1 }, sheet })
  }

  const draft = createDraftActions(store, api, desk, openPlan)
  return {
    ...draft,
    ...createProposalActions(store, api, desk, draft.refresh, show),
    ...createZoneActions(store, api, desk, show),
    listPlans: () => listPlans(),
    morePlans: () => listPlans(get().nextPlans),
    openPlan,
    /** Begin a plan on the coverage in force, and open it. */
    newPlan: (title) =>
      desk.send(async (id) => {
        const plan = await api.post('/plans', { id, title })
        await listPlans()
        return openPlan(plan.id)
      }),
    closePlan() {
      const nothing = { edits: [], notes: [], steps: [], check: null, impact: null, impactOf: null, selection: [], remarks: [], proposals: [], proposalShown: null }
      set({ ...nothing, plan: null, compare: 'off', refused: null, hint: null, drawn: wholeAnew(get()) })
      return listPlans()
    },

    show,
    /** The next thing that is to be changed, else to be looked at. */
    nextDefect() {
      const open = (get().check?.items ?? []).filter(({ level, place, grids }) => level !== 'ok' && (place || grids.length))
      const ordered = [...open.filter(({ level }) => level === 'must'), ...open.filter(({ level }) => level === 'look')]
      if (!ordered.length) return
      const at = ordered.findIndex(({ key }) => key === get().focus?.key)
      const { place, grids, key } = ordered[(at + 1) % ordered.length]
      this.show(place ?? grids, key)
      if (grids.length) this.choose(grids)
    },
    choose(ids) {
      set({ selection: ids })
    },
    useTool(tool) {
      if (tool === 'look' || get().plan?.can.includes('edit')) set({ tool, refused: null })
    },
    /** What the tool in hand offers as buttons, what it waits for, and what is to be written for it. */
    offer: (offers, hint, form = null) => set({ offers, hint, form }),
    /** Show why a wish cannot be done; also for what the page itself sees. */
    refuse: (sentence, places = [], grids = []) => set({ refused: { sentence, places, grids } }),
    forgive: () => set({ refused: null, remarks: [] }),

    compare: (mode) => set({ compare: mode }),
    /** Draw to a kind of thing or not; `all` for all of them. */
    snap(name) {
      const { snapping } = get()
      const any = Object.values(snapping).some(Boolean)
      set({ snapping: name === 'all' ? mapValues(snapping, () => !any) : { ...snapping, [name]: !snapping[name] } })
    },
    look: (view) => set({ view }),
    sheet: (sheet) => set({ sheet }),
    openKeys: () => set({ keysOpen: true }),
    closeKeys: () => set({ keysOpen: false }),
    setPhone: (phone) => set({ phone }),
    setTheme(theme) {
      setTheme(theme)
      set({ theme })
    },
    setLanguage,
    signOut,
  }
}

const mapValues = (object, make) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, make(value)]))

/** How wishes are sent: one after the other, the same thing under the same id, and a no as a sentence in the state. */
function createDesk({ get, set }) {
  let under = 0
  let last = Promise.resolve()

  /** Do it; @returns {Promise<any>} what came of it, undefined when it was refused */
  const attempt = async (deed) => {
    under += 1
    const blink = setTimeout(() => set({ busy: true }), BLINK_MS)
    try {
      return await deed()
    } catch (error) {
      if (error.status === undefined) throw error
      set({ refused: { sentence: error.message, places: error.said?.places ?? [], grids: error.said?.grids ?? [], status: error.status } })
      return undefined
    } finally {
      clearTimeout(blink)
      under -= 1
      if (!under && get().busy) set({ busy: false })
    }
  }

  /** Send what creates something, after all that was wished before it, until it is known what became of it. */
  const send = (deed) => {
    const id = crypto.randomUUID()
    const doing = last.then(() => {
      set({ refused: null })
      return attempt(() => insist(() => deed(id)))
    })
    last = doing.catch(() => {})
    return doing
  }
  /** What nobody asked for: after all that was wished before, and when it fails nobody is told. */
  const aside = (deed) =>
    last.then(deed).catch((error) => {
      if (error.status === undefined) throw error
    })
  return { attempt, send, aside }
}

async function insist(deed) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await deed()
    } catch (error) {
      // Who signs in again has lost nothing.
      if (error.slug === 'not-signed-in' && (await signedInAgain())) continue
      // Nothing is known of what became of it: the same id is sent again, never a new one.
      const unsure = error.status === 0 || error.status >= 500
      if (!unsure || tries === TRIES_AFTER_MS.length) throw error
      await new Promise((go) => setTimeout(go, TRIES_AFTER_MS[tries]))
    }
  }
}

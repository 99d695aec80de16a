/** What is done to the open plan: its edits, its steps, and what is written beside it. */
import { openedFrom } from './opened.js'
import { wholeAnew } from './drawn.js'

const CONFLICT = 409
/** What of a plan is another when its borders are. */
const TELLING = ['seq', 'edits', 'state', 'base_edition', 'households_moved', 'grids_after']

/**
 * @param {{ get: () => object, set: (changes: object) => void }} store
 * @param {object} api
 * @param {{ attempt: Function, send: Function, aside: Function }} desk
 * @param {(id: string) => Promise<object|undefined>} openPlan
 */
export function createDraftActions({ get, set }, api, desk, openPlan) {
  const path = (rest = '', id = get().plan.id) => `/plans/${id}${rest}`

  /** Read the plan again where only its own row, edits and notes can have changed. */
  const reread = async (id = get().plan.id) => {
    const opened = openedFrom(await api.get(path('', id)))
    if (get().plan?.id === id) set(opened)
  }

  const readImpact = async (grids = get().impactOf) => {
    const impact = await api.get(path('/impact'), { grids: grids?.join(',') })
    set({ impact, impactOf: grids })
  }

  /**
   * Somebody did something: read the plan after all that is being sent, and the rest only if it is another now.
   * Nothing is drawn here that the server does not know, so a line in the making, a choice and a word half written stay.
   */
  const hear = () => desk.aside(async () => {
    const { plan } = get()
    if (!plan) return
    const opened = openedFrom(await api.get(path('', plan.id)))
    const known = get().plan
    if (known?.id !== plan.id) return
    set(opened)
    if (TELLING.every((name) => known[name] === opened.plan[name])) return
    const grids = get().impactOf
    const [check, impact] = await Promise.all([api.get(path('/check', plan.id)), api.get(path('/impact', plan.id), { grids: grids?.join(',') })])
    if (get().plan?.id === plan.id) set({ check, impact, impactOf: grids, drawn: wholeAnew(get()) })
  })

  /** Everything may be different: read it all, also what is drawn. */
  const refresh = () => desk.attempt(async () => {
    await Promise.all([reread(), readImpact(), api.get(path('/check')).then((check) => set({ check }))])
    set({ drawn: wholeAnew(get()) })
  })

  /** Send an edit, or take one back; the server decides, and tells what changed. */
  const change = (rest, body) => {
    const { id: plan } = get().plan
    return desk.send(async (id) => {
      const answer = await api.post(path(rest, plan), { id, ...body() }).catch(async (error) => {
        // Somebody else was faster: what is on the screen is old.
        if (error.status === CONFLICT && get().plan?.id === plan) await refresh()
        throw error
      })
      if (get().plan?.id !== plan) return answer
      const { changed, gone, remarks, check, impact } = answer
      set({
        check, impact, remarks,
        impactOf: changed.map((feature) => feature.id),
        drawn: { features: changed, gone, whole: false, n: get().drawn.n + 1 },
        selection: get().selection.filter((grid) => !gone.includes(grid)),
      })
      await reread(plan)
      return answer
    })
  }

  const lastSeq = () => get().edits.reduce((most, { seq }) => Math.max(most, seq), 0)

  return {
    hear,
    refresh,
    /** @param {string} op  @param {object} args  places as [lon, lat] */
    edit: (op, args) => change('/edits', () => ({ after: lastSeq(), op, args })),
    undo: (editId) => change('/undo', () => (editId ? { edit: editId } : {})),
    redo: (editId) => change('/redo', () => (editId ? { edit: editId } : {})),

    /** Take a step of the plan: submit, send-back, withdraw, approve, publish, revert, rebase. */
    step: (name, body = {}) =>
      desk.send(async (id) => {
        const plan = await api.post(path(`/${name}`), { id, ...body })
        await openPlan(plan.id)
        // A published plan is another edition of the whole map.
        set({ me: await api.get('/me') })
        return plan
      }),
    comment: (body) =>
      desk.send(async (id) => {
        await api.post(path('/notes'), { id, body })
        await reread()
        return true
      }),
    reason: (item, body) =>
      desk.send(async (id) => {
        await api.post(path('/reasons'), { id, item, body })
        const [check] = await Promise.all([api.get(path('/check')), reread()])
        set({ check })
        return true
      }),

    /** Show the impact on some grids, or on the whole plan with null. */
    impactOf: (grids) => desk.attempt(() => readImpact(grids)),
    /** The rows behind a number of the impact. @returns {Promise<{ items: object[], next: string|null }|undefined>} */
    rows: (kind, { grid, next } = {}) => desk.attempt(() => (next ? api.get(next) : api.get(path(`/impact/${kind}`), { grid }))),
    /** What others published meanwhile, and which grids are contested. */
    contested: () => desk.attempt(() => api.get(path('/rebase'))),
  }
}

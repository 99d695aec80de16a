/** What a person can do on the patrol page. Whatever is to reach the server goes through the queue. */
import { api, signOut } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { addressOf, go, goBack } from './address.js'
import { bodiesOf } from './report-body.js'
import { saveFile } from './save-file.js'

const TOAST_MS = 4000

/**
 * @param {object} world
 * @param {{ queue: () => object|null, refresh: () => Promise<void> }} means  the queue of the account, null while there is none
 */
export function createActions(world, { queue, refresh }) {
  const say = (text) => {
    const toast = { text, at: Date.now() }
    world.set({ toast })
    setTimeout(() => world.state.toast === toast && world.set({ toast: null }), TOAST_MS)
  }
  /** Keep something to be sent, and say what became of it; a no of the phone is a sentence and nothing is lost. */
  const keep = async (items, draft = null) => {
    try {
      await queue().addAll(items, { draft })
    } catch (error) {
      if (error.name !== 'QueueProblem') throw error
      return { done: false, sentence: error.message }
    }
    const { online, signInNeeded } = world.state
    if (signInNeeded) say(t('Kept on the phone. It is sent once you sign in.'))
    else say(online ? t('Kept on the phone, being sent.') : t('Kept on the phone. It is sent once there is network.'))
    return { done: true }
  }
  const nobody = () => ({ done: false, sentence: world.state.lacking ?? t('Sign in first.') })
  const home = () => go(world, { name: 'home' }, { instead: true })

  return {
    go: (screen) => go(world, screen),
    back: () => goBack(world),
    refresh,
    incident: (id, signal) => api.get(`/incidents/${encodeURIComponent(id)}`, {}, { signal, stay: true }),

    /**
     * @param {import('./report-body.js').Draft} draft
     * @param {object} category
     * @param {string|null} name  under which the phone keeps the draft: it goes when what becomes of it is kept
     */
    async report(draft, category, name) {
      if (!queue()) return nobody()
      const outcome = await keep(itemsOf(draft, category, world.state), name)
      if (outcome.done) home()
      return outcome
    },

    /**
     * @param {object} incident
     * @param {string} step
     * @param {{ note: string, photos: object[], after: object[], answers: object }} said  `answers`: to checklists
     * @param {Record<string, string>} ids  by step, of this page; one is added when its step is first tried
     */
    async takeStep(incident, step, said, ids) {
      if (!queue()) return nobody()
      const id = (ids[step] ??= crypto.randomUUID())
      const at = new Date().toISOString()
      const note = said.note.trim()
      const label = { incident: incident.id, step, category: named(incident.category), grid: named(incident.grid) }
      const body = { id, step, at, ...(note && { note }), ...(Object.keys(said.answers).length && { with: { checklist: said.answers } }) }
      const outcome = await keep([{ kind: 'step', id, target: incident.id, body, photos: beforeAndAfter(said), label }])
      if (outcome.done) home()
      return outcome
    },

    measureRoom: async () => world.set({ room: (await queue()?.room()) ?? null }),
    sendNow: () => queue()?.sendNow(),
    hold: (id) => queue()?.hold(id),
    release: (id) => queue()?.release(id),
    remove: (id) => told(queue().remove(id)),
    saveBackup: () => told(queue().backup().then((file) => saveFile(file, backupName(world.state)))),

    signIn: () => location.assign(`/sign-in?next=${encodeURIComponent(addressOf(world.state.screen))}`),
    async signOut() {
      try {
        // The page that follows takes away what was kept to look at.
        await signOut()
      } catch (error) {
        if (error.name !== 'Problem') throw error
        say(error.message)
      }
    },
    async install() {
      const { install } = world.state
      world.set({ install: null })
      await install?.prompt()
    },
  }
}

/** A no of the phone as a sentence. */
async function told(work) {
  try {
    await work
    return { done: true }
  } catch (error) {
    if (error.name !== 'QueueProblem') throw error
    return { done: false, sentence: error.message }
  }
}

const named = (thing) => (thing ? { name: thing.name, name_en: thing.name_en } : null)
const beforeAndAfter = ({ photos, after }) => [
  ...photos.map(({ blob }) => ({ blob, role: 'before' })),
  ...after.map(({ blob }) => ({ blob, role: 'after' })),
]

/** What the queue keeps of a draft: the report and, if it was fixed on the spot, the step that says so. */
function itemsOf(draft, category, { position, ground }) {
  const { report, step } = bodiesOf(draft, { fix: position.fix, at: new Date().toISOString() })
  const grid = report.place && ground ? ground.gridAt(report.place.lon, report.place.lat) : null
  const label = { category: named(category), grid: named(grid) }
  const role = draft.fixed ? 'before' : 'evidence'
  const first = { kind: 'report', id: report.id, body: report, photos: draft.photos.map(({ blob }) => ({ blob, role })), label }
  if (!step) return [first]
  return [first, { kind: 'step', id: step.id, after: report.id, body: step, photos: beforeAndAfter(draft), label: { ...label, step: step.step } }]
}

const backupName = ({ account }) => `gridmap-${account?.login ?? 'phone'}-${new Date().toISOString().slice(0, 10)}.zip`

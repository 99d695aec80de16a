/** What the page needs to work for a day without network: who holds the phone, the ground, today's work; all sealed. */
import { api } from '../shared/api.js'
import { keepMapOf, standFor } from './offline.js'
import { QueueProblem } from './queue/problem.js'
import { openStore } from './queue/store.js'

const ME = 'me'
const PATROL = 'patrol'
/**
 * What a phone holds of other people, today's incidents, lives no longer than the session of a phone that rests; who
 * holds the phone, so that reports can be kept for them, no longer than any session (both by the last answer of the
 * server). Boundaries and classes are nobody's secret and stay, or the next report would not know its grid.
 */
const RESTING_MS = 12 * 3_600_000
const LONGEST_MS = 7 * 86_400_000
const NOTHING_TODAY = { incidents: [], look_backs: [], sites: 0 }

/**
 * Keep who is signed in, for the next time without network.
 * @param {{ person: { id: number } }} me  as /me tells it; its token is not kept
 */
export async function keepAccount({ csrf, ...me }) {
  standFor(me.person.id)
  await withStore(async (store) => put(store, me.person.id, ME, me))
}

/** Who was signed in here last; null after a sign-out, after a session's longest term, or where nothing can be kept. */
export async function keptAccount() {
  const me = await withStore(async (store) => {
    await forgetPast(store)
    const all = await store.read(({ kept }) => kept.getAll())
    const last = all.filter(({ name }) => name === ME).sort((one, other) => other.at - one.at)[0]
    return last ? get(store, last.account, ME) : null
  })
  if (me) standFor(me.person.id)
  return me
}

/** The last answer of GET /patrol. @param {{ id: number }} account */
export async function keptPatrol({ id }) {
  return (await withStore((store) => get(store, id, PATROL)))?.answer ?? null
}

/**
 * Ask for the newest GET /patrol and keep it, with the map of the own grids.
 * @param {{ id: number }} account
 * @throws {import('../shared/api.js').Problem}  if there is no way to the server: then what is kept must do
 */
export async function refreshPatrol({ id }) {
  const known = await withStore((store) => get(store, id, PATROL))
  const news = await api.renew('/patrol', known?.etag ?? null, { stay: true })
  const patrol = news ?? known
  if (news) await withStore((store) => put(store, id, PATROL, news))
  keepMapOf(patrol.answer.grids.filter((grid) => grid.mine), patrol.answer.district?.revision)
  return patrol.answer
}

/** The session has ended: what it showed of other people goes, whoever holds the phone now. @param {{ id: number }} account */
export async function forgetToday({ id }) {
  await withStore((store) => dropToday(store, id))
}

/** Forget what has lain longer than its session can have lasted, whoever's it was. */
async function forgetPast(store) {
  const rows = await store.read(({ kept }) => kept.getAll())
  for (const { account, at } of rows.filter(({ name }) => name === ME)) {
    const age = Date.now() - at
    if (age > LONGEST_MS) await store.run('readwrite', ({ kept }) => [ME, PATROL].forEach((name) => kept.delete([account, name])))
    else if (age > RESTING_MS) await dropToday(store, account)
  }
}

/** Without its name the answer is asked for anew, as a whole. */
async function dropToday(store, account) {
  const known = await get(store, account, PATROL)
  if (!known || ![...known.answer.today.incidents, ...(known.answer.today.look_backs ?? [])].length) return
  await put(store, account, PATROL, { etag: null, answer: { ...known.answer, today: NOTHING_TODAY } })
}

/** Where nothing can be kept the page works from what it is told; the queue says so in a sentence. */
async function withStore(work) {
  try {
    return await work(await openStore())
  } catch (error) {
    if (error instanceof QueueProblem) return null
    throw error
  }
}

async function put(store, account, name, value) {
  const sealed = await (await store.vault(account)).sealValue(`${account}/${name}`, value)
  await store.run('readwrite', ({ kept }) => kept.put({ account, name, at: Date.now(), sealed }))
}

async function get(store, account, name) {
  const row = await store.read(({ kept }) => kept.get([account, name]))
  return row ? (await store.vault(account)).openValue(`${account}/${name}`, row.sealed) : null
}

/** Who holds the phone: as the server says, or as it said last. */
import { adoptToken, api } from '../shared/api.js'
import { keepAccount, keptAccount, keptPatrol } from './keep.js'

/** @returns {Promise<{ account: { id: number, login: string, name: string }|null, patrol: object|null }>} */
export async function keptOnPhone() {
  const account = (await keptAccount())?.person ?? null
  return { account, patrol: account && (await keptPatrol(account)) }
}

/**
 * Ask the server who is signed in, and keep the answer for when it cannot be asked.
 * @returns {Promise<{ me: object|null, signInNeeded: boolean, silent: boolean }>}  `silent`: no answer came at all
 */
export async function askServer() {
  try {
    const me = await api.get('/me', {}, { stay: true })
    adoptToken(me.csrf)
    await keepAccount(me)
    return { me, signInNeeded: false, silent: false }
  } catch (error) {
    if (error.name !== 'Problem') throw error
    return { me: null, signInNeeded: error.status === 401, silent: error.status === 0 }
  }
}

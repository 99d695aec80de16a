/** My account: what was typed into a form marked so is not lost to a session that has ended meanwhile. */
import { api } from '../shared/api.js'
import { loadWords } from '../shared/i18n.js'
import { signInAgain } from '../shared/sign-in-again.js'

const passed = new WeakSet()

async function hasSession() {
  try {
    await api.get('/me', {}, { stay: true })
    return true
  } catch (problem) {
    if (problem.name !== 'Problem') throw problem
    // Whatever else is wrong the answer to the form itself will say.
    return problem.status !== 401
  }
}

document.addEventListener('submit', async (event) => {
  const form = event.target
  if (event.defaultPrevented || passed.has(form) || !form.matches('[data-keeps]')) return
  event.preventDefault()
  await loadWords()
  if (!(await hasSession()) && !(await signInAgain(form.elements.login.value))) return
  passed.add(form)
  form.requestSubmit(event.submitter)
})

// Back from the answer the session may have ended once more.
addEventListener('pageshow', (event) => {
  if (event.persisted) for (const form of document.forms) passed.delete(form)
})

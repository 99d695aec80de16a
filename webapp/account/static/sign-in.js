/** The sign-in page: says what was wrong without losing what was typed; fills in an account to try. */
import { Problem, submitForm } from '../shared/api.js'
import { loadWords } from '../shared/i18n.js'
import { currentTheme, setTheme } from '../shared/theme.js'

const form = document.querySelector('#sign-in')
const button = form.querySelector('button')
const sentence = document.querySelector('#sentence')
const code = document.querySelector('#code')
const theme = document.querySelector('#theme')

async function signIn(event) {
  event.preventDefault()
  button.disabled = true
  sentence.hidden = true
  try {
    const headers = await submitForm(form)
    location.assign(headers.get('X-Next') ?? '/')
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem
    show(problem)
    button.disabled = false
  }
}

function show(problem) {
  sentence.textContent = problem.message
  sentence.hidden = false
  const codeNeeded = problem.slug === 'code-needed'
  if (codeNeeded) code.hidden = false
  const field = form.elements[codeNeeded ? 'code' : 'password']
  field.focus()
  field.select()
}

function fillIn(event) {
  const account = event.target.closest('.demo-account')
  if (!account) return
  form.elements.login.value = account.dataset.login
  form.elements.password.value = account.dataset.password
  form.requestSubmit ? form.requestSubmit(button) : button.click()
}

await loadWords()
form.addEventListener('submit', signIn)
document.querySelector('.demo')?.addEventListener('click', fillIn)
theme.hidden = false
theme.addEventListener('click', () => setTheme(currentTheme() === 'day' ? 'desk' : 'day'))
document.documentElement.dataset.ready = ''

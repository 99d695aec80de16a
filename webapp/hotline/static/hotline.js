/** Start the hotline page. */
import { api, whenSignedOut } from '../shared/api.js'
import { loadWords } from '../shared/i18n.js'
import { signInAgain } from '../shared/sign-in-again.js'
import { h, render } from '../vendor/preact.js'
import { HotlinePage } from './hotline-page.js'

const NARROW = matchMedia('(max-width: 47.5em)')
const root = document.getElementById('hotline')

async function start() {
  const [me] = await Promise.all([api.get('/me'), loadWords()])
  whenSignedOut(() => signInAgain(me.person.login))
  setSizes()
  NARROW.addEventListener('change', setSizes)
  render(h(HotlinePage, { me }), root)
  document.documentElement.dataset.ready = ''
}

/** The light theme is made for phones; at a desk it keeps the desk's sizes. */
function setSizes() {
  if (NARROW.matches) delete document.documentElement.dataset.sizes
  else document.documentElement.dataset.sizes = 'desk'
}

start().catch((error) => {
  root.textContent = error.message
  root.classList.add('start-failure')
  throw error
})

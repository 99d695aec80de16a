/** Start a page that looks back: who reads it, its words, and what it draws. */
import { api, whenSignedOut } from '../shared/api.js'
import { loadWords } from '../shared/i18n.js'
import { signInAgain } from '../shared/sign-in-again.js'
import { h, render } from '../vendor/preact.js'

const NARROW = matchMedia('(max-width: 47.5em)')

/**
 * @param {HTMLElement} root
 * @param {(me: object) => Promise<{ view: Function, props: object }>} prepare  fetches what the page needs before it is drawn
 */
export async function startPage(root, prepare) {
  setSizes()
  NARROW.addEventListener('change', setSizes)
  try {
    const [me] = await Promise.all([api.get('/me'), loadWords()])
    whenSignedOut(() => signInAgain(me.person.login))
    const { view, props } = await prepare(me)
    render(h(view, { me, ...props }), root)
  } catch (error) {
    root.textContent = error.message
    root.classList.add('start-failure')
    document.documentElement.dataset.ready = ''
    if (error.status === undefined) throw error
  }
}

/** The light theme is made for phones; at a desk it keeps the desk's sizes. */
function setSizes() {
  if (NARROW.matches) delete document.documentElement.dataset.sizes
  else document.documentElement.dataset.sizes = 'desk'
}

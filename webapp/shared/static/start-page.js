/** Start a page: who reads it, its words, the sizes of its screen, and what it draws; or the sentence why not. */
import { h, render } from '../vendor/preact.js'
import { api, whenSignedOut } from './api.js'
import { loadWords } from './i18n.js'
import { signInAgain } from './sign-in-again.js'

export const NARROW = matchMedia('(max-width: 47.5em)')

/**
 * @param {HTMLElement} root
 * @param {(me: object) => Promise<{ view: Function, props?: object }>} prepare  fetches what the page needs before it is drawn
 * @param {{ readyAtOnce?: boolean }} options  whether the page is whole once it is drawn, or says so itself
 */
export async function startPage(root, prepare, { readyAtOnce = false } = {}) {
  keepSizes()
  try {
    const [me] = await Promise.all([api.get('/me'), loadWords()])
    whenSignedOut(() => signInAgain(me.person.login))
    const { view, props } = await prepare(me)
    render(h(view, { me, ...props }), root)
    if (readyAtOnce) document.documentElement.dataset.ready = ''
  } catch (error) {
    sayFailure(root, error)
    document.documentElement.dataset.ready = ''
    if (error.status === undefined) throw error
  }
}

/**
 * The light theme is made for phones; at a desk it keeps the desk's sizes.
 *
 * @param {(phone: boolean) => void} tell  called when the screen becomes a phone's, or a desk's
 */
export function keepSizes(tell = () => {}) {
  setSizes()
  NARROW.addEventListener('change', () => {
    setSizes()
    tell(NARROW.matches)
  })
}

/** A page that could not start says why. */
export function sayFailure(root, error) {
  root.textContent = error.message
  root.classList.add('start-failure')
}

function setSizes() {
  if (NARROW.matches) delete document.documentElement.dataset.sizes
  else document.documentElement.dataset.sizes = 'desk'
}

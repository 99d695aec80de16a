/** Start the page of files in and out. */
import { api, whenSignedOut } from '../shared/api.js'
import { loadWords } from '../shared/i18n.js'
import { signInAgain } from '../shared/sign-in-again.js'
import { keepSizes, NARROW, sayFailure } from '../shared/start-page.js'
import { currentTheme } from '../shared/theme.js'
import { h, render } from '../vendor/preact.js'
import { App } from './app.js'
import { createStore, initialState } from './state.js'
import { createWork } from './work.js'

async function start() {
  const root = document.getElementById('files')
  const [me, imports, exports] = await Promise.all([api.get('/me'), api.get('/imports'), api.get('/exports'), loadWords()])
  whenSignedOut(() => signInAgain(me.person.login))
  const mode = imports.items.length ? 'import' : 'export'
  const kind = wishedKind(imports.items)
  const state = { me, kinds: imports.items, mostBytes: imports.most_bytes, exports, mode, kind, theme: currentTheme(), phone: NARROW.matches }
  const store = createStore(initialState(state))
  keepSizes((phone) => store.dispatch({ type: 'set', values: { phone } }))
  render(h(App, { store, work: createWork(store) }), root)
}

/** `?kind=grids` opens the page at that kind; else the first that can be written. */
function wishedKind(kinds) {
  const wish = new URLSearchParams(location.search).get('kind')
  return (kinds.find(({ name }) => name === wish) ?? kinds.find(({ hindrance }) => !hindrance) ?? kinds[0])?.name ?? null
}

start().catch((error) => {
  sayFailure(document.getElementById('files'), error)
  throw error
})

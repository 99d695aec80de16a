/**
 * The service worker of the patrol page. It keeps the shell and every file of one build, named by `self.plan`
 * (written above by the server), and the tiles that were seen. Nothing of the API is ever kept here.
 */

const { build, files, languages } = self.plan
const SHELL = `gridmap-patrol-${build}`
const ANY_SHELL = 'gridmap-patrol-'
const CHOSEN = '/patrol?chosen'
const TILE = /^\/tiles\/(basemap|areas|grids)\//
const MOST_TILES = 3000
const TILE_PATIENCE_MS = 6000
const ANSWER_PATIENCE_MS = 1000
const LOOK_AGAIN_MS = 500
/** Tiles fetched at a time when a whole map is kept. */
const ABREAST = 4

const shellOf = (language) => `/patrol?lang=${language}`
const tilesOf = (account) => `gridmap-tiles-${account}`

self.addEventListener('install', (event) => event.waitUntil(install()))
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('message', (event) => {
  if (event.data === 'take over') event.waitUntil(takeOver())
  else if (event.data.keep) event.waitUntil(keepTiles(event.data.keep, event.data.account))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (request.mode === 'navigate') event.respondWith(showShell(event, url))
  else if (url.pathname.startsWith('/static/')) event.respondWith(keptOrFetched(request))
  else if (TILE.test(url.pathname) && !url.searchParams.has('as_of')) event.respondWith(showTile(event, url))
})

/** All of the build or nothing: a shell without one of its modules would be a blank page in the stairwell. */
async function install() {
  const cache = await caches.open(SHELL)
  await cache.addAll(files)
  for (const language of languages) {
    // Without cookies: asking for a language must not become this person's choice.
    const shell = await fetch(shellOf(language), { credentials: 'omit', cache: 'no-store' })
    if (!shell.ok || !(await shell.clone().text()).includes(build)) throw new Error('The shell is of another build.')
    await cache.put(shellOf(language), shell)
  }
  await learnLanguage('/patrol')
}

/** The page has loaded all it needs of the older build; with a second one open it waits until that is closed. */
async function takeOver() {
  for (let looks = 0; looks < 10; looks += 1) {
    if ((await pages()).length < 2) return self.skipWaiting()
    // The page that this one came after may take a moment to be gone.
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

async function pages() {
  const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  return all.filter((page) => /^\/patrol(\/|$)/.test(new URL(page.url).pathname))
}

async function showShell(event, url) {
  const cache = await caches.open(SHELL)
  const wish = url.searchParams.get('lang')
  const chosen = languages.includes(wish) ? wish : await (await cache.match(CHOSEN))?.text()
  const shell = await cache.match(shellOf(chosen ?? languages[0]))
  event.waitUntil(renewBehind(event, url, wish))
  return shell ?? fetch(event.request)
}

/** What can wait until the page is shown. Without network all of it waits for the next time. */
async function renewBehind(event, url, wish) {
  if (languages.includes(wish)) await rememberLanguage(wish)
  try {
    await learnLanguage(url)
    await dropOldBuilds(event.resultingClientId)
    await self.registration.update()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
}

/** Ask the server in which language it would show the page, and tell it of the one wished for in the address. */
async function learnLanguage(url) {
  const shell = await fetch(url, { cache: 'no-store' })
  const language = shell.headers.get('Content-Language')
  if (shell.ok && languages.includes(language)) await rememberLanguage(language)
}

async function rememberLanguage(language) {
  await (await caches.open(SHELL)).put(CHOSEN, new Response(language))
}

/** Other builds go once no page but the one that opens now is there to use them. */
async function dropOldBuilds(opening) {
  const { installing, waiting } = self.registration
  if (installing || waiting || (await pages()).some((page) => page.id !== opening)) return
  const old = (await caches.keys()).filter((name) => name.startsWith(ANY_SHELL) && name !== SHELL)
  await Promise.all(old.map((name) => caches.delete(name)))
}

/** The build stands in the address, so that whatever is found is the right one. */
async function keptOrFetched(request) {
  return (await caches.match(request)) ?? fetch(request)
}

async function showTile(event, url) {
  const account = await accountOf(event.clientId)
  if (account === null) return fetch(event.request)
  const cache = await caches.open(tilesOf(account))
  try {
    const tile = await fetch(event.request, { signal: AbortSignal.timeout(TILE_PATIENCE_MS) })
    if (tile.status === 200) event.waitUntil(keepTile(cache, url.pathname, tile.clone()))
    if (tile.status < 500) return tile
    return (await cache.match(url.pathname)) ?? tile
  } catch {
    // No network, or too slow: every way in which a fetch can fail means the same here.
    return (await cache.match(url.pathname)) ?? Response.error()
  }
}

/** Ask a page whose it is. Two people may have used this phone, and neither is shown the other's tiles. */
async function accountOf(clientId) {
  const page = clientId && (await self.clients.get(clientId))
  if (!page) return null
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    setTimeout(() => resolve(null), ANSWER_PATIENCE_MS)
    port1.onmessage = ({ data }) => resolve(data)
    page.postMessage('whose', [port2])
  })
}

let sinceTrimmed = MOST_TILES

async function keepTile(cache, path, tile) {
  await cache.put(path, tile)
  sinceTrimmed += 1
  if (sinceTrimmed < 100) return
  sinceTrimmed = 0
  const oldestFirst = await cache.keys()
  await Promise.all(oldestFirst.slice(0, Math.max(0, oldestFirst.length - MOST_TILES)).map((key) => cache.delete(key)))
}

/** Fetch tiles that are not there in their newest form; a broken line ends it until the next time. */
async function keepTiles(addresses, account) {
  const cache = await caches.open(tilesOf(account))
  const left = [...addresses]
  const fetchSome = async () => {
    while (left.length) {
      const address = new URL(left.shift(), location.origin)
      const kept = await cache.match(address.pathname)
      if (kept?.url === address.href) continue
      const tile = await fetch(address)
      if (tile.status === 200) await keepTile(cache, address.pathname, tile)
    }
  }
  await Promise.allSettled(Array.from({ length: ABREAST }, fetchSome))
}

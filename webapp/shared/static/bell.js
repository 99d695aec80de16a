/** The bell of every top bar: how many notices are new, and the list of them. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { api, Problem } from './api.js'
import { t } from './i18n.js'
import { Icon } from './icons.js'
import { moment } from './time.js'

const POLL_MS = 30_000
const SHOWN = 50
const MOST_COUNTED = 99
const TOLD = 'gridmap-notice'

/** Say that a notice came, so that the bell need not wait for its next look. */
export const ringBell = () => dispatchEvent(new Event(TOLD))

const incidentOf = (about) => (about?.startsWith('incident:') ? about.slice('incident:'.length) : null)

/** Where a notice leads at a desk. */
const atDesk = (id) => `/?incident=${encodeURIComponent(id)}`

/**
 * @param {{ zone: string, leads?: boolean, hrefOf?: (incident: string) => string, onOpen?: (incident: string) => void }} props
 *   `leads`: the reader can open incidents; `hrefOf`: the address of one; `onOpen`: opens one without leaving the page
 */
export function Bell({ zone, leads = true, hrefOf = atDesk, onOpen }) {
  const [unread, count] = useState(0)
  const [open, setOpen] = useState(false)
  const root = useRef()
  useEffect(() => watchCount(count), [])
  useEffect(() => {
    if (!open) return undefined
    const outside = (event) => !root.current.contains(event.target) && setOpen(false)
    addEventListener('pointerdown', outside)
    return () => removeEventListener('pointerdown', outside)
  }, [open])
  const onKey = (event) => {
    if (event.key !== 'Escape' || !open) return
    event.stopPropagation()
    setOpen(false)
    root.current.querySelector('button').focus()
  }
  const word = unread ? t('Notices, %(n)s new', { n: unread }) : t('Notices')
  const go = (incident, event) => {
    if (!onOpen) return
    event.preventDefault()
    setOpen(false)
    onOpen(incident)
  }
  return html`<div class="bell" ref=${root} onKeyDown=${onKey}>
    <button class="tool bell-button" aria-label=${word} title=${word} aria-expanded=${open ? 'true' : 'false'} onClick=${() => setOpen(!open)}>
      <${Icon} name="bell" />${unread > 0 && html`<i class="bell-count" aria-hidden="true">${Math.min(unread, MOST_COUNTED)}${unread > MOST_COUNTED ? '+' : ''}</i>`}
    </button>
    <span class="sr-only" role="status">${unread > 0 ? word : ''}</span>
    ${open && html`<${List} zone=${zone} hrefOf=${leads ? hrefOf : () => null} onGo=${go} onCount=${count} />`}
  </div>`
}

/** Look now and then, when told, and when the reader comes back to the page. */
function watchCount(count) {
  const look = async () => {
    if (document.hidden || !navigator.onLine) return
    try {
      count((await api.get('/notices', { new: 1, limit: 1 }, { stay: true })).unread)
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem // the page itself says that the server is away
    }
  }
  look()
  const timer = setInterval(look, POLL_MS)
  addEventListener(TOLD, look)
  document.addEventListener('visibilitychange', look)
  return () => {
    clearInterval(timer)
    removeEventListener(TOLD, look)
    document.removeEventListener('visibilitychange', look)
  }
}

function List({ zone, hrefOf, onGo, onCount }) {
  const [items, take] = useState(null)
  const [failure, fail] = useState('')
  const root = useRef()
  const tried = async (deed) => {
    try {
      await deed()
      fail('')
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      fail(problem.message)
    }
  }
  const load = () => tried(async () => {
    const { items: found, unread } = await api.get('/notices', { limit: SHOWN }, { stay: true })
    take(found)
    onCount(unread)
  })
  useEffect(() => {
    root.current.focus()
    load()
    addEventListener(TOLD, load)
    return () => removeEventListener(TOLD, load)
  }, [])
  const read = (ids) => tried(async () => {
    onCount((await api.post('/notices/read', ids ? { ids } : {}, { stay: true })).unread)
    const at = new Date().toISOString()
    take((now) => now?.map((one) => (!ids || ids.includes(one.id) ? { ...one, read_at: one.read_at ?? at } : one)))
  })
  const isNew = items?.some((one) => one.read_at === null)
  return html`<section class="notices" role="dialog" aria-label=${t('Notices')} tabindex="-1" ref=${root}>
    <header><h2>${t('Notices')}</h2>${isNew && html`<button class="link" onClick=${() => read(null)}>${t('Mark all as read')}</button>`}</header>
    ${failure && html`<p class="notices-failure" role="alert">${failure}</p>`}
    ${items?.length === 0 && html`<p class="notices-none">${t('Nothing yet. What is handed to you or runs late is told here.')}</p>`}
    ${items?.length > 0 && html`<ul>${items.map((one) => html`<${Row} key=${one.id} one=${one} zone=${zone} hrefOf=${hrefOf} onGo=${onGo} onRead=${() => one.read_at === null && read([one.id])} />`)}</ul>`}
  </section>`
}

function Row({ one, zone, hrefOf, onGo, onRead }) {
  const incident = incidentOf(one.about)
  const href = incident && hrefOf(incident)
  const isNew = one.read_at === null
  const inside = html`<b>${isNew && html`<span class="sr-only">${t('new:')} </span>`}${one.subject}</b>
    ${one.body && one.body !== one.subject && html`<span>${one.body}</span>`}
    <time datetime=${one.at}>${moment(Date.parse(one.at), Date.now(), zone)}</time>`
  const open = async (event) => {
    onRead()
    if (href) onGo(incident, event)
  }
  return html`<li class=${isNew ? 'is-new' : ''}>
    ${href ? html`<a href=${href} onClick=${open}>${inside}</a>` : html`<button onClick=${open}>${inside}</button>`}
  </li>`
}

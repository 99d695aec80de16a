/** The patrol page: one screen at a time, notices above it, a toast below. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Home } from './home.js'
import { IncidentPage } from './incident-page.js'
import { QueuePage } from './queue-page.js'
import { ReportPage } from './report-page.js'
import { Page, usePage, useWorld } from './world.js'

const SCREENS = { home: Home, report: ReportPage, queue: QueuePage, incident: IncidentPage }

export function App({ page }) {
  return html`<${Page.Provider} value=${page}><${Phone} /><//>`
}

function Phone() {
  const screen = useWorld((state) => state.screen)
  const Screen = SCREENS[screen.name]
  const root = useRef()
  const first = useRef(true)
  useEffect(() => {
    // Whoever reads by ear is told that another screen is open; the first one is read anyway.
    if (!first.current) root.current.querySelector('h1')?.focus()
    first.current = false
  }, [screen])
  return html`<div class="phone" ref=${root}>
    <${Notices} />
    <${Screen} key=${screen.id ?? screen.name} id=${screen.id} />
    <${Toast} />
  </div>`
}

/** What one must know before working: nobody is signed in, or the browser withholds something. */
function Notices() {
  const { actions } = usePage()
  const signInNeeded = useWorld((state) => state.signInNeeded)
  const lacking = useWorld((state) => state.lacking)
  const waiting = useWorld((state) => state.counts.waiting + state.counts.others)
  // Leaving for the sign-in page would lose what is just being written; it can be kept without.
  const writing = useWorld((state) => state.account !== null && state.screen.name === 'report')
  // Over plain http the sign-in page would only say the same once more.
  const asks = signInNeeded && isSecureContext && !writing
  return html`${asks &&
    html`<div class="notice" role="alert">
      <p>${waiting ? t('Sign in, so that the %(n)s reports on this phone can be sent.', { n: waiting }) : t('Sign in to see your grid.')}</p>
      <button class="primary" onClick=${actions.signIn}>${t('Sign in')}</button>
    </div>`}
    ${lacking && html`<div class="notice" role="status"><p>${lacking}</p></div>`}`
}

function Toast() {
  const toast = useWorld((state) => state.toast)
  return html`<div class="toast-place" role="status">${toast && html`<p key=${toast.at} class="toast">${toast.text}</p>`}</div>`
}

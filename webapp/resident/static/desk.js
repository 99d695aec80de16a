/** Start the desk's page for what residents sent and for the codes at doors. */
import { api, whenSignedOut } from '../shared/api.js'
import { loadWords, t } from '../shared/i18n.js'
import { signInAgain } from '../shared/sign-in-again.js'
import { h, html, render, useState } from '../vendor/preact.js'
import { Topbar } from '../admin/topbar.js'
import { Chips } from '../admin/list-panel.js'
import { Codes } from './codes.js'
import { Queue } from './queue.js'

const NARROW = matchMedia('(max-width: 47.5em)')
const root = document.getElementById('residents')

function Residents({ me }) {
  const judges = me.can.includes('report.moderate')
  const makes = me.can.includes('qr.manage')
  const [mode, take] = useState(judges ? 'queue' : 'codes')
  const modes = [judges && ['queue', t('What residents sent')], makes && ['codes', t('Codes for doors')]].filter(Boolean)
  return html`<div class="command register residents">
    <${Topbar} me=${me} here="residents" />
    <main class="list-panel">
      <div class="list-head"><h1>${t('Residents')}</h1>
        ${modes.length > 1 && html`<${Chips} label=${t('What is shown')} options=${modes} chosen=${mode} onChoose=${take} />`}
      </div>
      ${!judges && !makes && html`<p class="empty">${t('Your roles do not include this. An administrator can grant them.')}</p>`}
      ${mode === 'queue' && judges && html`<${Queue} zone=${me.district?.time_zone ?? 'UTC'} />`}
      ${mode === 'codes' && makes && html`<${Codes} zone=${me.district?.time_zone ?? 'UTC'} />`}
    </main>
  </div>`
}

async function start() {
  const [me] = await Promise.all([api.get('/me'), loadWords()])
  whenSignedOut(() => signInAgain(me.person.login))
  setSizes()
  NARROW.addEventListener('change', setSizes)
  render(h(Residents, { me }), root)
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

/** Start the desk's page for what residents sent and for the codes at doors. */
import { t } from '../shared/i18n.js'
import { startPage } from '../shared/start-page.js'
import { html, useState } from '../vendor/preact.js'
import { Topbar } from '../admin/topbar.js'
import { Chips } from '../admin/list-panel.js'
import { Codes } from './codes.js'
import { Queue } from './queue.js'

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

startPage(document.getElementById('residents'), async () => ({ view: Residents }), { readyAtOnce: true })

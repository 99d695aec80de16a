/** Answers as a file for the platform that sent the orders. */
import { html, useState } from '../vendor/preact.js'
import { DeedFoot, useDeed } from '../admin/deed.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { instantOf, writtenTime } from '../shared/time.js'

const WEEK_MS = 7 * 86_400_000

export function AnswersForm({ me, onLeave }) {
  const zone = me.district?.time_zone ?? 'UTC'
  const [said, say] = useState({ channel: '', since: writtenTime(Date.now() - WEEK_MS, zone), until: '', format: 'xlsx' })
  const deed = useDeed()
  const submit = (event) => {
    event.preventDefault()
    const { channel, since, until, format } = said
    deed.run(() => api.download('/hotline-orders/export', { format, channel: channel.trim(), since: instantOf(since, zone), until: instantOf(until, zone) }))
  }
  const field = (name) => ({ value: said[name], onInput: (event) => say({ ...said, [name]: event.target.value }) })
  return html`<form class="card-form" onSubmit=${submit}>
    <header class="card-head"><h2>${t('Answers as a file')}</h2><button type="button" class="tool" aria-label=${t('Close the card')} onClick=${onLeave}><${Icon} name="close" /></button></header>
    <p class="explained">${t('Both numbers, state, first contact, closing, result and satisfaction of the orders received in this time. Nobody who called is named.')}</p>
    <label>${t('Channel')}<input ...${field('channel')} maxlength="60" placeholder=${t('all')} autocomplete="off" /></label>
    <div class="pair">
      <label>${t('From')}<input ...${field('since')} type="datetime-local" required /></label>
      <label>${t('Until')}<input ...${field('until')} type="datetime-local" /></label>
    </div>
    <label>${t('Format')}<select value=${said.format} onChange=${field('format').onInput}><option value="xlsx">XLSX</option><option value="csv">CSV</option></select></label>
    <div class="buttons"><button class="button primary" disabled=${deed.busy}>${t('Export')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

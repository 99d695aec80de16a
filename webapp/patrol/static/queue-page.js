/** What waits on the phone, what is being sent, what was refused and why, and what the server has received. */
import { html, useEffect, useMemo, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { figure } from '../shared/words.js'
import { byState } from './queue-list.js'
import { QueueRow } from './queue-row.js'
import { ScreenHead } from './screen-head.js'
import { usePage, useWorld, zoneOf } from './world.js'

export function QueuePage() {
  const { actions, world } = usePage()
  const items = useWorld((state) => state.items)
  const zone = useWorld(zoneOf)
  const room = useWorld((state) => state.room)
  const groups = useMemo(() => byState(items, world.state.now, zone), [items, zone])
  useEffect(() => { actions.measureRoom() }, [items.length])
  return html`<div class="screen queue-screen">
    <${ScreenHead} title=${t('Sent and to send')}>
      ${room !== null && html`<span class="room ${room.low ? 'low' : ''}">${t('room for %(n)s more', { n: figure(room.items) })}</span>`}
    <//>
    <main>
      <${Line} />
      <${Others} />
      <${Group} title=${t('Refused')} says=${t('not taken by the server; it says why')} items=${groups.refused} />
      <${Group} title=${t('To send')} says=${t('kept on the phone until the server has confirmed it')} items=${groups.waiting} always />
      <${Group} title=${t('Being sent')} says=${t('goes on where it was cut off')} items=${groups.sending} />
      <${Group} title=${t('Received today')} says=${t('numbers are given by the server')} items=${groups.received} always />
      <${Group} title=${t('Received before')} says="" items=${groups.earlier} />
    </main>
    <${Foot} />
  </div>`
}

function Group({ title, says, items, always = false }) {
  if (!items.length && !always) return null
  return html`<section class="queue-group" aria-label=${title}>
    <div class="list-head"><h2>${title} ${items.length}</h2><em>${says}</em></div>
    ${items.length > 0 && html`<ul class="rows">${items.map((item) => html`<${QueueRow} key=${item.id} item=${item} />`)}</ul>`}
  </section>`
}

/** Offline is a sentence, not a red bar. */
function Line() {
  const online = useWorld((state) => state.online)
  if (online) return null
  return html`<div class="sentence" role="status">
    <${Icon} name="offline" size=${28} />
    <p><b>${t('No network now')}</b>${t('Report as usual. It is sent by itself once there is network, in the same order.')}</p>
  </div>`
}

/** What somebody else left on this phone is neither shown nor lost. */
function Others() {
  const n = useWorld((state) => state.counts.others)
  const begun = useWorld((state) => state.begun.others)
  return html`${n > 0 && html`<div class="sentence">
    <${Icon} name="people" size=${28} />
    <p><b>${t('%(n)s of another account wait on this phone', { n })}</b>${t('They are sent when that account signs in here again.')}</p>
  </div>`}
  ${begun > 0 && html`<p class="begun-told">${t('On this phone a report of another account is begun. It waits until that account signs in here again.')}</p>`}`
}

function Foot() {
  const { actions } = usePage()
  const counts = useWorld((state) => state.counts)
  const [failure, setFailure] = useState(null)
  const nothing = counts.waiting + counts.sending + counts.refused === 0
  const save = async () => setFailure((await actions.saveBackup()).sentence ?? null)
  return html`<footer class="foot">
    <p class="failure" role="alert">${failure}</p>
    <div class="pair">
      <button class="large" disabled=${nothing} onClick=${save}><${Icon} name="file" size=${22} />${t('Save a backup')}</button>
      <button class="large" disabled=${nothing} onClick=${actions.sendNow}><${Icon} name="retry" size=${22} />${t('Try now')}</button>
    </div>
  </footer>`
}

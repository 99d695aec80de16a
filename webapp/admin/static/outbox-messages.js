/** What leaves the screens: what waits, what went, and what was given up, to be tried again or dropped. */
import { html, useState } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { nameOf } from '../shared/words.js'
import { show, shown } from './address.js'
import { Confirm } from './confirm.js'
import { DeedFoot, useDeed } from './deed.js'
import { channelWord } from './far-ends.js'
import { Chips, Rows } from './list-panel.js'
import { usePaged } from './paged.js'
import { shortMoment } from './register-words.js'
import { Topbar } from './topbar.js'

export function OutboxMessages({ me, modes }) {
  const zone = me.district?.time_zone ?? 'UTC'
  const [state, look] = useState(shown('state') || 'waiting')
  const [chosen, choose] = useState(shown('message') || null)
  const list = usePaged('/outbox/messages', { state })
  const open = (id) => {
    choose(id)
    show({ message: id })
  }
  const setState = (wish) => {
    look(wish)
    choose(null)
    show({ state: wish === 'waiting' ? null : wish, message: null })
  }
  const done = () => {
    open(null)
    list.again()
  }
  const one = list.items?.find(({ id }) => id === chosen)
  return html`<div class="command register" data-open=${one ? '' : undefined}>
    <${Topbar} me=${me} here="outbox" />
    <main class="list-panel">
      <div class="list-head"><h1>${t('Outbox')}</h1>${modes}</div>
      <div class="list-tools">
        <${Chips} label=${t('State')} options=${[['waiting', t('waiting')], ['dead', t('given up')], ['sent', t('sent')]]} chosen=${state} onChoose=${setState} />
        <button class="button" onClick=${list.again}><${Icon} name="retry" size=${16} />${t('Look again')}</button>
      </div>
      <${Rows} title=${t('Messages')} columns=${columnsOf(zone)} list=${list} keyOf=${({ id }) => id} chosen=${chosen} onChoose=${open} empty=${emptyText(state)} />
    </main>
    <aside class="detail-panel" aria-label=${t('Message')}>
      ${one ? html`<${Detail} key=${one.id} one=${one} zone=${zone} onDone=${done} onClose=${() => open(null)} />` : html`<p class="empty">${t('Choose a message on the left to see how it went. What it says is for its reader alone.')}</p>`}
    </aside>
  </div>`
}

const emptyText = (state) => ({
  waiting: t('Nothing waits.'),
  dead: t('Nothing was given up.'),
  sent: t('Nothing was sent yet.'),
})[state]

const columnsOf = (zone) => [
  { name: 'name', word: t('For'), cell: (one) => html`<b>${nameOf(one)}</b><span class="code">${one.event}</span>` },
  { name: 'kind', word: t('Kind'), cell: ({ channel }) => channelWord(channel) },
  { name: 'asked', word: t('Written'), cell: ({ asked_at: at }) => shortMoment(at, zone) },
  { name: 'tries', word: t('Tries'), cell: ({ tries }) => String(tries) },
  { name: 'fault', word: t('Last answer'), cell: ({ fault }) => fault && html`<span class="warned">${fault}</span>` },
]

function Detail({ one, zone, onDone, onClose }) {
  const [asks, ask] = useState(false)
  const deed = useDeed()
  const act = (what) => deed.run(async () => {
    await api.post(`/outbox/messages/${one.id}/${what}`, {})
    onDone()
  })
  const fact = (word, at) => at && html`<div><dt>${word}</dt><dd>${shortMoment(at, zone)}</dd></div>`
  return html`<header class="card-head"><div><h2>${nameOf(one)}</h2><p class="meta">${channelWord(one.channel)} · <span class="code">${one.event}</span></p></div><button class="tool" aria-label=${t('Close the card')} onClick=${onClose}><${Icon} name="close" /></button></header>
    <section class="card-part">
      <dl class="facts">
        ${fact(t('Written'), one.asked_at)}
        ${fact(t('Next try'), one.due_at)}
        ${fact(t('Sent at'), one.sent_at)}
        ${fact(t('Given up'), one.dead_at)}
        <div><dt>${t('Tries')}</dt><dd>${one.tries}</dd></div>
        ${one.fault && html`<div><dt>${t('Last answer')}</dt><dd>${one.fault}</dd></div>`}
      </dl>
    </section>
    ${one.dead_at && html`<section class="card-part">
      ${asks
        ? html`<${Confirm} deed=${deed} verb=${t('Drop the message')} sentence=${t('It is deleted and nobody is told.')} onYes=${() => act('drop')} onLeave=${() => { deed.forget(); ask(false) }} />`
        : html`<div class="buttons"><button class="button primary" disabled=${deed.busy} onClick=${() => act('retry')}>${t('Try again')}</button><button class="button" onClick=${() => ask(true)}>${t('Drop the message')}</button></div><${DeedFoot} deed=${deed} />`}
    </section>`}`
}

/** Orders with both numbers and the clock of their first contact; one of them, or a new one, on the right. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { show, shown } from '../admin/address.js'
import { Chips, Rows, SearchBox } from '../admin/list-panel.js'
import { usePaged } from '../admin/paged.js'
import { shortMoment } from '../admin/register-words.js'
import { Topbar } from '../admin/topbar.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { classText, nameOf, stateWord } from '../shared/words.js'
import { AnswersForm } from './answers-form.js'
import { channelText, clockOf } from './hotline-words.js'
import { neighbour, useKeys } from './hotline-page.js'
import { OrderDetail } from './order-detail.js'
import { OrderForm } from './order-form.js'

export function Orders({ me, modes }) {
  const zone = me.district?.time_zone ?? 'UTC'
  const works = me.can.includes('hotline.work')
  const [query, look] = useState({ list: shown('list') || 'waiting', q: shown('q') })
  const [chosen, choose] = useState(shown('order') || null)
  const list = usePaged('/hotline-orders', query)
  const imports = useImports()
  const search = (values) => {
    look({ ...query, ...values })
    show({ ...values, ...(values.list === 'waiting' && { list: null }) })
  }
  const open = (id) => {
    choose(id)
    show({ order: id === 'new' || id === 'answers' ? null : id })
  }
  const made = (order) => {
    list.again()
    open(order.id)
  }
  useKeys({
    ...(works && { n: () => open('new') }),
    r: list.again,
    j: () => open(neighbour(list.items, chosen, 1)),
    k: () => open(neighbour(list.items, chosen, -1)),
    '/': () => document.querySelector('.search-box input')?.focus(),
    Escape: () => open(null),
  })
  const one = list.items?.find(({ id }) => id === chosen)
  return html`<div class="command register hotline" data-open=${chosen ? '' : undefined}>
    <${Topbar} me=${me} here="hotline" />
    <main class="list-panel">
      <div class="list-head">
        <h1>${t('Hotline')}</h1>${modes}
        ${works && html`<button class="button primary" onClick=${() => open('new')}>${t('New order')}<kbd>N</kbd></button>`}
      </div>
      <div class="list-tools">
        <${SearchBox} value=${query.q} label=${t('Number of an order or incident')} onInput=${(q) => search({ q })} />
        <${Chips} label=${t('Which orders')} options=${[['waiting', t('To contact')], ['open', t('Open')], ['closed', t('Closed')], ['all', t('All')]]} chosen=${query.list} onChoose=${(which) => search({ list: which })} />
        <span class="beside">
          ${imports && html`<a class="button" href="/admin/files?kind=orders">${t('Import')}</a>`}
          <button class="button" onClick=${() => open('answers')}>${t('Export')}</button>
        </span>
      </div>
      <${Rows} title=${t('Orders')} columns=${columnsOf(zone)} list=${list} keyOf=${({ id }) => id} chosen=${chosen} onChoose=${open} empty=${query.list === 'waiting' ? t('Every caller was contacted.') : t('There is no such order.')} />
    </main>
    <aside class="detail-panel" aria-label=${t('Order')}>
      ${chosen === 'new' && html`<${OrderForm} me=${me} onMade=${made} onLeave=${() => open(null)} />`}
      ${chosen === 'answers' && html`<${AnswersForm} me=${me} onLeave=${() => open(null)} />`}
      ${one && html`<${OrderDetail} key=${one.id} order=${one} zone=${zone} works=${works} onChanged=${list.again} onClose=${() => open(null)} />`}
      ${!one && chosen !== 'new' && chosen !== 'answers' && html`<p class="empty">${t('Choose an order on the left, or press N to write one down.')}</p>`}
    </aside>
  </div>`
}

/** Whether the reader may bring files of orders: a file may hold orders of the whole district. */
function useImports() {
  const [may, take] = useState(false)
  useEffect(() => {
    api.get('/imports').then(
      ({ items }) => take(items.some(({ name }) => name === 'orders')),
      (problem) => {
        if (problem.status === undefined) throw problem
      },
    )
  }, [])
  return may
}

const columnsOf = (zone) => [
  { name: 'name', word: t('Order'), cell: (one) => html`<b>${one.number}</b><span class="code">${channelText(one.channel)} · ${one.own_number}</span>` },
  { name: 'clock', word: t('First contact'), cell: (one) => clockCell(one, zone) },
  { name: 'class', word: t('Class'), cell: ({ incident, repeat_n: n }) => html`${classText(incident)}${n > 0 && html` <span class="chip-small">${t('repeat %(n)s', { n })}</span>`}` },
  { name: 'grid', word: t('Grid'), cell: ({ grid }) => (grid ? nameOf(grid) : t('not placed')) },
  { name: 'received', word: t('Received'), cell: ({ received_at: at }) => shortMoment(at, zone) },
  { name: 'state', word: t('State'), cell: ({ incident }) => stateWord(incident.state) },
]

function clockCell(order, zone) {
  const { text, late } = clockOf(order, zone)
  return html`<span class=${late ? 'warned' : undefined}>${text}</span>`
}

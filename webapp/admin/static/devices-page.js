/** Devices at a desk: the register with its health on the left, one device and its keys on the right. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { deviceWord, nameOf } from '../shared/words.js'
import { show, shown } from './address.js'
import { DeviceDetail } from './device-detail.js'
import { NewDeviceForm } from './device-form.js'
import { Chips, Rows, SearchBox } from './list-panel.js'
import { usePaged } from './paged.js'
import { DEVICE_KINDS, shortMoment } from './register-words.js'
import { Topbar } from './topbar.js'

export function DevicesPage({ me }) {
  const zone = me.district?.time_zone ?? 'UTC'
  const [query, look] = useState({ q: shown('q'), kind: shown('kind'), state: shown('state') })
  const [chosen, choose] = useState(shown('device') || null)
  const list = usePaged('/register/devices', query)
  const search = (values) => {
    look({ ...query, ...values })
    show(values)
  }
  const open = (code) => {
    choose(code)
    show({ device: code === 'new' ? null : code })
  }
  return html`<div class="command register" data-open=${chosen ? '' : undefined}>
    <${Topbar} me=${me} here="devices" />
    <main class="list-panel">
      <div class="list-head">
        <h1>${t('Devices')}</h1>
        <button class="button primary" onClick=${() => open('new')}>${t('Add a device')}</button>
      </div>
      <div class="list-tools">
        <${SearchBox} value=${query.q} label=${t('Name or code')} onInput=${(q) => search({ q })} />
        <label class="inline">${t('Kind')}
          <select value=${query.kind} onChange=${(event) => search({ kind: event.target.value })}>
            <option value="">${t('all')}</option>
            ${DEVICE_KINDS.map((kind) => html`<option key=${kind} value=${kind}>${deviceWord(kind)}</option>`)}
          </select>
        </label>
        <${Chips} label=${t('State')} options=${[['', t('in use')], ['silent', t('silent')], ['keyless', t('without key')], ['ended', t('out of use')]]} chosen=${query.state} onChoose=${(state) => search({ state })} />
      </div>
      <${Rows} title=${t('Devices')} columns=${columnsOf(zone)} list=${list} keyOf=${({ code }) => code} chosen=${chosen} onChoose=${open} empty=${t('No device is called so, or none is in this state.')} />
    </main>
    <aside class="detail-panel" aria-label=${t('Device')}>
      ${chosen === null && html`<p class="empty">${t('Choose a device on the left to see its health and its keys.')}</p>`}
      ${chosen === 'new' && html`<${NewDeviceForm} me=${me} onMade=${({ code }) => { list.again(); open(code) }} onLeave=${() => open(null)} />`}
      ${chosen !== null && chosen !== 'new' && html`<${DeviceDetail} key=${chosen} code=${chosen} zone=${zone} onChanged=${list.again} onClose=${() => open(null)} />`}
    </aside>
  </div>`
}

const columnsOf = (zone) => [
  { name: 'name', word: t('Device'), cell: (one) => html`<b>${nameOf(one)}</b><span class="code">${one.code}</span>` },
  { name: 'kind', word: t('Kind'), cell: ({ kind }) => deviceWord(kind) },
  { name: 'grid', word: t('Grid'), cell: ({ grid }) => (grid ? nameOf(grid) : '–') },
  { name: 'seen', word: t('Last heard'), cell: (one) => heardCell(one, zone) },
  { name: 'keys', word: t('Keys'), cell: keysCell },
]

function heardCell({ seen_at: at, silent, kind, ended_at: ended }, zone) {
  const when = at ? shortMoment(at, zone) : t('never')
  if (ended || kind === 'gateway' || !silent) return when
  return html`<span class="warned">${t('silent')}</span><span class="meta">${when}</span>`
}

function keysCell({ gateway, keys_n: n, ended_at: ended }) {
  if (gateway) return html`<span class="quiet">${t('by %(gateway)s', { gateway })}</span>`
  if (n === 0) return ended ? '–' : html`<span class="warned">${t('none')}</span>`
  return String(n)
}

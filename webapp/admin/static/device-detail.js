/** One device: where it stands, how it is, and its keys. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { deviceWord, figure, nameOf } from '../shared/words.js'
import { Confirm } from './confirm.js'
import { DeedFoot, useCreation, useDeed } from './deed.js'
import { Once } from './once.js'
import { dateText, shortMoment } from './register-words.js'

const HOUR_MS = 3_600_000
/** How long the older key may go on, in hours. */
const OVERLAPS = [1, 24, 168]
const KEYS_AT_ONCE = 2

/** @param {{ code: string, zone: string, onChanged: () => void, onClose: () => void }} props */
export function DeviceDetail({ code, zone, onChanged, onClose }) {
  const [device, take] = useState(null)
  const [failure, fail] = useState(null)
  const path = `/register/devices/${encodeURIComponent(code)}`
  useEffect(() => {
    api.get(path).then(take, (problem) => {
      if (!(problem instanceof Problem)) throw problem
      fail(problem)
    })
  }, [path])
  const changed = (now) => {
    take(now)
    onChanged()
  }
  if (failure) return html`<p class="failure" role="alert">${failure.message}</p>`
  if (device === null) return html`<div class="bars" aria-hidden="true"><i></i><i></i><i></i></div>`
  return html`<header class="card-head">
      <div><h2>${nameOf(device)}</h2><p class="meta"><span class="code">${device.code}</span> · ${deviceWord(device.kind)}</p></div>
      <button class="tool" aria-label=${t('Close the card')} onClick=${onClose}><${Icon} name="close" /></button>
    </header>
    ${device.ended_at && html`<p class="note">${t('Out of use since %(day)s. What it said stays.', { day: dateText(device.ended_at, zone) })}</p>`}
    <${Health} device=${device} zone=${zone} />
    ${device.gateway
      ? html`<section class="card-part"><h3>${t('Keys')}</h3><p class="explained">${t('%(gateway)s speaks for it, with its own key.', { gateway: device.gateway })}</p></section>`
      : html`<${Keys} device=${device} path=${path} zone=${zone} onChanged=${changed} />`}
    ${!device.ended_at && html`<${Ending} device=${device} path=${path} onChanged=${changed} />`}`
}

function Health({ device, zone }) {
  const { lon, lat, height_m: height, heading_deg: heading, seen_at: seen, silent, kind, braked, shelved_until: shelved } = device
  const place = lon === null || lon === undefined ? t('nowhere') : `${lon.toFixed(6)}, ${lat.toFixed(6)}`
  const stands = [place, height !== null && t('%(n)s m up', { n: height }), heading !== null && t('looks to %(n)s°', { n: Math.round(heading) })].filter(Boolean)
  return html`<section class="card-part">
    <h3>${t('Health')}</h3>
    <dl class="facts">
      <div><dt>${t('Last heard')}</dt><dd>${seen ? shortMoment(seen, zone) : t('never')}${silent && kind !== 'gateway' && !device.ended_at && html` <span class="warned">${t('silent')}</span>`}</dd></div>
      <div><dt>${t('Grid')}</dt><dd>${device.grid ? nameOf(device.grid) : t('in no grid')}</dd></div>
      <div><dt>${t('Place')}</dt><dd>${stands.join(' · ')}</dd></div>
      ${braked > 0 && html`<div><dt>${t('Braked')}</dt><dd>${t('%(n)s alerts above its rate', { n: figure(braked) })}</dd></div>`}
      ${shelved && html`<div><dt>${t('Shelved')}</dt><dd>${t('until %(time)s', { time: shortMoment(shelved, zone) })}</dd></div>`}
    </dl>
  </section>`
}

function Keys({ device, path, zone, onChanged }) {
  const [asks, ask] = useState(null)
  const [key, show] = useState(null)
  const [overlap, setOverlap] = useState(String(OVERLAPS[1]))
  const deed = useDeed()
  const create = useCreation()
  const make = (hours) => deed.run(async () => {
    const until = hours === null ? null : new Date(Date.now() + hours * HOUR_MS).toISOString()
    const { key: made, ...now } = await create((id) => api.post(`${path}/keys`, { id, older_until: until }))
    ask(null)
    show(made)
    onChanged(now)
  })
  const revoke = (name) => deed.run(async () => {
    const now = await api.post(`${path}/keys/${name}/revoke`, {})
    ask(null)
    onChanged(now)
  })
  const leave = () => {
    deed.forget()
    ask(null)
  }
  const { keys } = device
  return html`<section class="card-part">
    <h3>${t('Keys')}</h3>
    ${keys.length === 0 && html`<p class="explained">${t('No key: what the device sends is refused.')}</p>`}
    <ul class="roles">${keys.map(({ name, from, until }) => html`<li class="role-row" key=${name}>
      <${Icon} name="key" size=${18} />
      <div><b class="code">${name}</b><span class="meta">${t('since %(time)s', { time: shortMoment(from, zone) })} · ${until ? t('until %(time)s', { time: shortMoment(until, zone) }) : t('no end')}</span></div>
      ${!device.ended_at && asks !== name && html`<button class="link" onClick=${() => { deed.forget(); ask(name) }}>${t('Revoke')}</button>`}
      ${asks === name && html`<${Confirm} deed=${deed} verb=${t('Revoke the key')} sentence=${keys.length === 1 ? t('It is the only key: what %(code)s sends is refused from now on.', { code: device.code }) : t('Whoever sends this key is refused from now on. The other key goes on counting.')} onYes=${() => revoke(name)} onLeave=${leave} />`}
    </li>`)}</ul>
    ${key && html`<${Once} title=${t('Key of %(code)s', { code: device.code })} secret=${key} sentence=${t('Enter it in the device: it goes into the header Authorization, after the word Bearer.')} onLeave=${() => show(null)} />`}
    ${!device.ended_at && !key && asks === null && !deed.waiting && html`<div class="buttons">
      ${keys.length === 0 && html`<button class="button primary" disabled=${deed.busy} onClick=${() => make(null)}>${t('Make a key')}</button>`}
      ${keys.length > 0 && html`<button class="button" disabled=${keys.length >= KEYS_AT_ONCE} onClick=${() => ask('next')}>${t('Change the key')}</button>`}
      ${keys.length >= KEYS_AT_ONCE && html`<p class="explained">${t('Two keys count at a time. Revoke one to make another.')}</p>`}
    </div>`}
    ${asks === 'next' && html`<div class="sheet-form">
      <p>${t('A new key is made and shown. The older one goes on counting until you have changed it in the device.')}</p>
      <label>${t('The older key ends')}<select value=${overlap} onChange=${(event) => setOverlap(event.target.value)}>${OVERLAPS.map((hours) => html`<option key=${hours} value=${hours}>${overlapWord(hours)}</option>`)}</select></label>
      ${!deed.waiting && html`<div class="buttons"><button class="button primary" disabled=${deed.busy} onClick=${() => make(Number(overlap))}>${t('Make the next key')}</button><button class="button" onClick=${leave}>${t('Leave it')}</button></div>`}
      <${DeedFoot} deed=${deed} />
    </div>`}
    ${asks === null && html`<${DeedFoot} deed=${deed} />`}
  </section>`
}

const overlapWord = (hours) => (hours < 24 ? t('in one hour') : hours < 48 ? t('in one day') : t('in %(n)s days', { n: hours / 24 }))

function Ending({ device, path, onChanged }) {
  const [asks, ask] = useState(false)
  const deed = useDeed()
  const end = (reason) => deed.run(async () => onChanged(await api.post(`${path}/end`, { reason })))
  return html`<section class="card-part">
    ${asks
      ? html`<${Confirm} deed=${deed} verb=${t('Take out of use')} asksWhy=${t('Why')} sentence=${t('%(n)s keys of %(code)s end, and it leaves the map. What it said stays.', { n: device.keys_n, code: device.code })} onYes=${end} onLeave=${() => { deed.forget(); ask(false) }} />`
      : html`<div class="buttons"><button class="button" onClick=${() => ask(true)}>${t('Take out of use')}</button></div>`}
  </section>`
}

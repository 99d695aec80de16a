/** A new device in the register, where it stands. */
import { html, useState } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { deviceWord } from '../shared/words.js'
import { DeedFoot, useCreation, useDeed } from './deed.js'
import { DEVICE_KINDS } from './register-words.js'

const numberOrNull = (text) => (text.trim() === '' ? null : Number(text))

/** @param {{ me: object, onMade: (device: object) => void, onLeave: () => void }} props */
export function NewDeviceForm({ me, onMade, onLeave }) {
  const [said, say] = useState({ code: '', kind: 'camera', name: '', lon: '', lat: '', height: '', heading: '', gateway: '' })
  const deed = useDeed()
  const create = useCreation()
  const submit = (event) => {
    event.preventDefault()
    const device = {
      code: said.code.trim(),
      kind: said.kind,
      name: said.name.trim() || said.code.trim(),
      lon: Number(said.lon),
      lat: Number(said.lat),
      height_m: numberOrNull(said.height),
      heading_deg: numberOrNull(said.heading),
      gateway: said.gateway.trim() || null,
    }
    deed.run(async () => onMade(await create((id) => api.post('/register/devices', { id, ...device }))))
  }
  const field = (name) => ({ value: said[name], onInput: (event) => say({ ...said, [name]: event.target.value }) })
  const [lon, lat] = me.district?.centre ?? [0, 0]
  const degrees = { type: 'number', step: 'any', required: true }
  return html`<form class="card-form" onSubmit=${submit}>
    <header class="card-head"><h2>${t('Add a device')}</h2><button type="button" class="tool" aria-label=${t('Close the card')} onClick=${onLeave}><${Icon} name="close" /></button></header>
    <div class="pair">
      <label>${t('Code')}<input ...${field('code')} maxlength="64" spellcheck=${false} autocomplete="off" required autofocus /></label>
      <label>${t('Kind')}<select value=${said.kind} onChange=${(event) => say({ ...said, kind: event.target.value })}>${DEVICE_KINDS.map((kind) => html`<option key=${kind} value=${kind}>${deviceWord(kind)}</option>`)}</select></label>
    </div>
    <label>${t('Name')}<input ...${field('name')} maxlength="100" autocomplete="off" /><span class="explained">${t('The code, if left empty.')}</span></label>
    <div class="pair">
      <label>${t('Longitude, WGS 84')}<input ...${field('lon')} ...${degrees} placeholder=${lon.toFixed(6)} /></label>
      <label>${t('Latitude, WGS 84')}<input ...${field('lat')} ...${degrees} placeholder=${lat.toFixed(6)} /></label>
    </div>
    <div class="pair">
      <label>${t('Height above ground, m')}<input ...${field('height')} type="number" step="any" min="0" max="500" /></label>
      <label>${t('Looks to, degrees from north')}<input ...${field('heading')} type="number" step="any" min="0" max="359.99" /></label>
    </div>
    <label>${t('Gateway that speaks for it')}<input ...${field('gateway')} maxlength="64" spellcheck=${false} autocomplete="off" /><span class="explained">${t('Its code; empty, if the device has a key of its own.')}</span></label>
    <div class="buttons"><button class="button primary" disabled=${deed.busy}>${t('Add')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

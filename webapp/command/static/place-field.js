/** A place for a form: degrees as they are typed, or the middle of the map. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { usePage } from './use-store.js'

const TYPED = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*[,,\s]\s*(-?\d{1,2}(?:\.\d+)?)\s*$/

/** Longitude and latitude in degrees, WGS 84; null for what is none. */
export function readPlace(text) {
  const [, lon, lat] = TYPED.exec(text) ?? []
  const place = { lon: Number(lon), lat: Number(lat) }
  return lon !== undefined && Math.abs(place.lon) <= 180 && Math.abs(place.lat) <= 90 ? place : null
}

const written = ({ lon, lat }) => `${lon.toFixed(6)}, ${lat.toFixed(6)}`

export function PlaceField({ field, value, onTell }) {
  const { store } = usePage()
  const [text, setText] = useState(value ? written(value) : '')
  const say = (next) => {
    setText(next)
    onTell(readPlace(next))
  }
  const takeMiddle = () => {
    const { view, me, centre } = store.state
    const [lon, lat] = view?.centre ?? centre ?? me.district.centre
    say(written({ lon, lat }))
  }
  const wrong = text.trim() && !readPlace(text)
  return html`<div class="field">
    <label><span>${field.label}</span>
      <input type="text" value=${text} inputmode="decimal" maxlength="64" aria-invalid=${wrong ? 'true' : undefined} onInput=${(event) => say(event.currentTarget.value)} />
    </label>
    <p class="why">${wrong ? t('Longitude and latitude in degrees, such as 114.203400, 35.718700.') : ''}</p>
    <button type="button" class="button small" onClick=${takeMiddle}>${t('Take the middle of the map')}</button>
  </div>`
}

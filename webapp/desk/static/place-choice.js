/** Where somebody is, or where something is to be: by the phone, or by what the map has in its middle. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure } from '../shared/words.js'
import { useChosen } from '../command/use-store.js'
import { watchPosition } from '../patrol/position.js'

const words = () => ({ incident: t('At the incident'), here: t('Where I stand'), map: t('The middle of the map') })

/**
 * @param {{ label: string, ways: ('incident'|'here'|'map')[], onPlace: (place: object|null|undefined) => void }} props
 *   `onPlace` is told null for the place of the incident, undefined as long as no place is known
 */
export function PlaceChoice({ label, ways, onPlace }) {
  const [way, choose] = useState(ways[0])
  const [position, take] = useState({ status: 'seeking', fix: null })
  const centre = useChosen((state) => state.view?.centre ?? state.centre ?? state.me.district.centre)
  useEffect(() => (way === 'here' ? watchPosition(take) : undefined), [way])
  useEffect(() => {
    if (way === 'incident') onPlace(null)
    else if (way === 'map') onPlace({ lon: centre[0], lat: centre[1] })
    else onPlace(position.fix ? { lon: position.fix.lon, lat: position.fix.lat, error_m: Math.round(position.fix.errorM) } : undefined)
  }, [way, position, centre])
  return html`<fieldset class="place-choice">
    <legend>${label}</legend>
    ${ways.map((name) => html`<label key=${name} class="tick"><input type="radio" name="place" checked=${way === name} onChange=${() => choose(name)} /><span>${words()[name]}</span></label>`)}
    ${way === 'here' && html`<p class="why" role="status">${positionText(position)}</p>`}
  </fieldset>`
}

function positionText({ status, fix }) {
  if (fix) return t('± %(n)s m', { n: figure(Math.round(fix.errorM)) })
  if (status === 'seeking' || status === 'off') return t('Looking for the position …')
  return t('This device gives no position. Move the map there and take its middle.')
}

/** A place on the map: a click sets the pin, dragging moves it; words of degrees do the same without a mouse. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { readPlace } from '../command/place-field.js'
import { locale, t } from '../shared/i18n.js'
import { createMap } from '../shared/map.js'

const written = ({ lon, lat }) => `${lon.toFixed(6)}, ${lat.toFixed(6)}`

/** @param {{ me: object, place: { lon: number, lat: number }|null, onPlace: (place: object|null) => void }} props */
export function PlacePicker({ me, place, onPlace }) {
  const element = useRef()
  const map = useRef()
  const [text, setText] = useState('')
  const set = (next) => {
    map.current?.setStandpoint({ pin: next })
    onPlace(next)
    setText(next ? written(next) : '')
  }
  useEffect(() => {
    if (!me.district) return undefined
    const { district } = me
    map.current = createMap(element.current, {
      tiles: '/tiles', centre: district.centre, zoom: 13, bounds: district.bounds, revision: String(district.revision),
      language: locale(), labels: t,
    })
    map.current.setLayers({ devices: false })
    const stops = [
      map.current.on('select', ({ lon, lat }) => set({ lon, lat })),
      map.current.on('pin', ({ lon, lat, done }) => done && set({ lon, lat })),
    ]
    return () => {
      for (const stop of stops) stop()
      map.current.destroy()
    }
  }, [])
  const type = (event) => {
    setText(event.target.value)
    const next = readPlace(event.target.value)
    map.current?.setStandpoint({ pin: next })
    if (next) map.current?.flyTo({ ...next, zoom: 16 })
    onPlace(next)
  }
  return html`<div class="place-picker">
    <div class="map" ref=${element}></div>
    <label>${t('Place')}<input value=${text} maxlength="64" inputmode="decimal" autocomplete="off" placeholder=${t('Click on the map, or write longitude, latitude')} onInput=${type} /></label>
    ${place && html`<button type="button" class="button" onClick=${() => set(null)}>${t('No place')}</button>`}
  </div>`
}

/** Where the hazards of the list are, with the safe zones that hold; a click says where a new one is. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { locale, t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { createMap } from '../shared/map.js'
import { zoneOnMap } from '../shared/safe-zones.js'

const PADDING = [56, 56, 56, 56]
const NEAR = 17

export function HazardMap({ me, heard, hazards, chosen, picks, spot, onPick, onChoose }) {
  const element = useRef()
  const map = useRef()
  const now = useRef({})
  now.current = { picks, onPick, onChoose }
  useEffect(() => {
    if (!me.district) return undefined
    const made = createMap(element.current, {
      tiles: '/tiles', centre: me.district.centre, zoom: 12, bounds: me.district.bounds, incidentTiles: false,
      revision: String(me.district.revision), language: locale(), labels: t,
    })
    map.current = made
    made.setLayers({ devices: false, sites: true })
    made.fit(me.district.bounds, { padding: PADDING, atOnce: true })
    // Somebody who comes from an incident begins where it is.
    if (spot) made.flyTo({ ...spot, zoom: NEAR })
    made.on('select', (hit) => {
      if (now.current.picks && hit.lon !== undefined) now.current.onPick({ lon: hit.lon, lat: hit.lat })
      else if (hit.kind === 'incident') now.current.onChoose(String(hit.id))
    })
    made.on('pin', ({ lon, lat, done }) => done && now.current.onPick({ lon, lat }))
    return () => made.destroy()
  }, [])
  useEffect(() => {
    const made = map.current
    // By then the page may have been left.
    if (made) api.get('/safe-zones').then(({ items }) => map.current === made && made.setZones(items.map((zone) => zoneOnMap(zone, me.district.time_zone))))
  }, [heard])
  useEffect(() => map.current?.setIncidents(hazards.map(markOf)), [hazards])
  useEffect(() => {
    const one = hazards.find(({ id }) => id === chosen)
    map.current?.select(one ? { kind: 'incident', ...markOf(one), candidates: [] } : null)
    if (one) map.current?.flyTo({ ...one.place, zoom: Math.max(NEAR, map.current.getView().zoom) })
  }, [chosen, hazards])
  useEffect(() => map.current?.setStandpoint({ pin: picks ? spot : null }), [picks, spot])
  const zoom = (steps) => map.current?.zoomBy(steps)
  return html`<section class="map-panel" aria-label=${t('Map')}>
    <div class="map" ref=${element}></div>
    <div class="floating zoom" role="group" aria-label=${t('Zoom')}>
      <button class="tool" aria-label=${t('Nearer')} title=${t('Nearer')} onClick=${() => zoom(1)}><${Icon} name="plus" /></button>
      <button class="tool" aria-label=${t('Farther')} title=${t('Farther')} onClick=${() => zoom(-1)}><${Icon} name="minus" /></button>
    </div>
    ${picks && html`<p class="floating pick-hint" role="status">${spot ? t('Drag the pin to move it.') : t('Click on the map to say where it is.')}</p>`}
  </section>`
}

const markOf = ({ id, severity, overdue, place, state }) => ({ id, lon: place.lon, lat: place.lat, severity, overdue, state: state === 'rectifying' ? 'handling' : 'filed' })

/** The map of my grid: my incidents on it, and a pill that says how sure my position is and leads back to it. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { MapBox } from './map-box.js'
import { zoneOnMap, zonesNow } from '../shared/safe-zones.js'
import { positionText } from './position-text.js'
import { everyTenSeconds, usePage, useWorld } from './world.js'

const NEAR = 18

export function HomeMap() {
  const { actions, world } = usePage()
  const incidents = useWorld((state) => state.patrol?.today.incidents)
  const zones = useWorld((state) => zonesNow(state.patrol?.safe_zones ?? [], everyTenSeconds(state)).map(({ id }) => id).join())
  const map = useRef(null)

  const onMap = (made) => {
    map.current = made
    put(made, world.state)
    return made.on('select', (hit) => {
      if (hit.kind === 'incident') actions.go({ name: 'incident', id: String(hit.id) })
      else if (hit.kind === 'cluster') made.flyTo({ lon: hit.lon, lat: hit.lat, zoom: Math.min(NEAR, Math.round(made.getView().zoom) + 2) })
    })
  }
  useEffect(() => { if (map.current) put(map.current, world.state) }, [incidents, zones])
  const recentre = () => {
    const { position, ground } = world.state
    if (position.fix) map.current?.flyTo({ ...position.fix, zoom: Math.max(17, map.current.getView().zoom) })
    else if (ground?.bounds) map.current?.fit(ground.bounds)
  }
  return html`<section class="home-map" aria-label=${t('Map')}>
    <${MapBox} onMap=${onMap} />
    <${PositionPill} onPress=${recentre} />
  </section>`
}

/** What is listed is drawn from the list, so that it is there without network, too. */
function put(map, { patrol, now }) {
  map.setZones(zonesNow(patrol?.safe_zones ?? [], now).map((zone) => zoneOnMap(zone, patrol.district.time_zone)))
  const placed = (patrol?.today.incidents ?? []).filter(({ place }) => place && place.lon !== null)
  map.setIncidents(
    placed.map((incident) => ({
      id: incident.id,
      lon: incident.place.lon,
      lat: incident.place.lat,
      severity: incident.severity,
      state: incident.state,
      overdue: Boolean(incident.due_at) && Date.parse(incident.due_at) <= now,
    })),
  )
}

function PositionPill({ onPress }) {
  const position = useWorld((state) => state.position)
  const now = useWorld(everyTenSeconds)
  return html`<button class="pill position" onClick=${onPress} aria-label=${t('Show where I am: %(where)s', { where: positionText(position, now) })}>
    <${Icon} name="locate" />${positionText(position, now)}
  </button>`
}

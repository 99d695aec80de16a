/** Where the incident is, beside the own grid and the phone. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { MapBox } from './map-box.js'
import { everyTenSeconds, useWorld } from './world.js'

const NEAR = 17.5

export function IncidentMap({ incident }) {
  const now = useWorld(everyTenSeconds)
  const { lon, lat, error_m: errorM } = incident.place
  const onMap = (map) => {
    map.select({
      kind: 'incident',
      id: incident.id,
      lon,
      lat,
      severity: incident.severity,
      state: incident.state,
      overdue: Boolean(incident.due_at) && Date.parse(incident.due_at) <= now,
      errorM: errorM ?? undefined,
    })
  }
  return html`<section class="incident-map" aria-label=${t('Place')}><${MapBox} at=${{ lon, lat }} zoom=${NEAR} onMap=${onMap} /></section>`
}

/** Whoever stands in a safe zone is told so, with network or without. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { hourAndMinute } from '../shared/time.js'
import { isInside, zonesNow } from '../shared/safe-zones.js'
import { everyTenSeconds, useWorld, zoneOf } from './world.js'

export function ZoneNotice() {
  const timeZone = useWorld(zoneOf)
  const zones = useWorld((state) => state.patrol?.safe_zones)
  const fix = useWorld((state) => state.position.fix)
  const now = useWorld(everyTenSeconds)
  if (!fix || !zones) return null
  const around = zonesNow(zones, now).filter((zone) => isInside(zone, fix))
  return around.map((zone) => html`<div key=${zone.id} class="notice danger" role="alert"><p>${t('You are in the safe zone "%(name)s". Leave it; it holds until %(time)s.', { name: zone.name, time: hourAndMinute(Date.parse(zone.until), timeZone) })}</p></div>`)
}

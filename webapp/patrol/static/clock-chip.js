/** What is left of the time of an incident: 剩 18 分 above a bar, 超 0:09 above a broken one. */
import { html } from '../vendor/preact.js'
import { Icon } from '../shared/icons.js'
import { standing, standingText } from '../shared/time.js'
import { everyTenSeconds, useWorld, zoneOf } from './world.js'

export function ClockChip({ incident }) {
  const now = useWorld(everyTenSeconds)
  const zone = useWorld(zoneOf)
  const { kind, share } = standing(incident, now)
  const timed = kind !== 'none' && kind !== 'closed'
  return html`<span class="clock clock-${kind}">
    <span class="clock-text">${timed && html`<${Icon} name="clock" size=${18} />`}${standingText(incident, now, zone)}</span>
    ${timed && html`<span class="clock-bar clock-bar-${kind}" aria-hidden="true"><span style=${{ width: `${kind === 'over' ? 100 : Math.round(share * 100)}%` }}></span></span>`}
  </span>`
}

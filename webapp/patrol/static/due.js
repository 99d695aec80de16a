/** The deadline in large, and the sentence that says where it comes from. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { moment, standing, standingText } from '../shared/time.js'
import { everyTenSeconds, useWorld, zoneOf } from './world.js'

export function Due({ incident }) {
  const now = useWorld(everyTenSeconds)
  const zone = useWorld(zoneOf)
  const startedAt = incident.log?.find((row) => row.to === 'filed')?.at ?? incident.occurred_at
  const { kind, share } = standing(incident, now, startedAt)
  return html`<section class="due part clock-${kind}" aria-label=${t('Deadline')}>
    <p class="due-line"><strong>${standingText(incident, now, zone)}</strong><span>${t('due %(time)s', { time: moment(Date.parse(incident.due_at), now, zone) })}</span></p>
    <span class="clock-bar clock-bar-${kind}" aria-hidden="true"><span style=${{ width: `${kind === 'over' ? 100 : Math.round(share * 100)}%` }}></span></span>
    ${incident.due_why && html`<p class="why">${incident.due_why}</p>`}
  </section>`
}

/** The zones: those in force, what to have grouped, and what was worked out, each choice beside today. */
import { html, useEffect } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure, nameOf } from '../shared/words.js'
import { useAnswer } from './panel-fetch.js'
import { Head, Nothing, Waiting } from './panel-signs.js'
import { ZoneProposal } from './panel-zone-choices.js'
import { ZoneWish } from './panel-zone-wish.js'
import { colourOf } from './zone-layers.js'

/** What stands at the left while no plan is open. */
export function SideTabs({ state, actions }) {
  const sides = [['plans', t('Plans')], ['zones', t('Zones')]]
  return html`<nav class="plan-tabs" aria-label=${t('Plans and zones')}>
    ${sides.map(([name, word]) => html`<button key=${name} aria-current=${state.side === name ? 'true' : undefined} onClick=${() => actions.turnTo(name)}>${word}</button>`)}
  </nav>`
}

export const groupWords = () => ({
  townships: t('Townships'),
  communities: t('Communities'),
  grids: t('Grids'),
})

export function ZonesPanel({ state, actions }) {
  const { zonesNow, zoneProposals } = state
  const { answer } = useAnswer('/areas')
  const areas = answer?.items ?? []
  useEffect(() => {
    actions.listZones()
  }, [])
  return html`<section class="plan-panel zones" aria-label=${t('Zones')} aria-busy=${zoneProposals === null ? 'true' : 'false'}>
    <h1>${t('Zones')}</h1>
    <p class="explained">${t('A zone is a group of neighbours that work together. Grids, people and duties stay as they are.')}</p>
    ${zonesNow === null && !state.refused && html`<${Waiting} rows=${3} />`}
    ${zonesNow && html`<${InForce} state=${state} actions=${actions} areas=${areas} />`}
    <${ZoneWish} state=${state} actions=${actions} areas=${areas} />
    ${zoneProposals?.length > 0 && html`<${Head} title=${t('Worked out')} n=${figure(zoneProposals.length)} />`}
    ${(zoneProposals ?? []).map((proposal) => html`<${ZoneProposal} key=${proposal.id} proposal=${proposal} state=${state} actions=${actions} areas=${areas} />`)}
  </section>`
}

/** The zones in force, those of each area together. */
function InForce({ state, actions, areas }) {
  const groups = grouped(state.zonesNow)
  const { zoneShown } = state
  return html`<div class="zones-now">
    <${Head} title=${t('In force now')} n=${groups.length ? figure(state.zonesNow.length) : undefined} />
    ${!groups.length && html`<${Nothing} why=${t('There are no zones yet.')} fills=${t('Have some worked out below, look at each on the map, and take one.')} />`}
    ${groups.map(({ area, group, zones }) => {
      const shown = zoneShown?.area === area && zoneShown.group === group
      return html`<div key=${area + group} class="zones-group">
        <p><b>${titleOf(group, area, areas)}</b>
          <button class="link" aria-pressed=${shown ? 'true' : 'false'} onClick=${() => (shown ? actions.hideZones() : actions.showToday(area, group))}>${shown ? t('Hide') : t('On the map')}</button></p>
        <ul>${zones.map(({ id, properties: { name, parts } }, place) => html`<li key=${id}><${Swatch} place=${place} /><span>${name}</span><small>${parts.map(nameOf).join(t(', '))}</small></li>`)}</ul>
      </div>`
    })}
  </div>`
}

/** @param {object[]} zones  features @returns {{ area: string, group: string, zones: object[] }[]} */
export function grouped(zones) {
  const groups = new Map()
  for (const zone of zones) {
    const { area, group } = zone.properties
    const key = `${group} ${area}`
    if (!groups.has(key)) groups.set(key, { area, group, zones: [] })
    groups.get(key).zones.push(zone)
  }
  return [...groups.values()]
}

/** What is grouped, and where. */
export function titleOf(group, area, areas) {
  const found = areas.find(({ code }) => code === area)
  return t('%(parts)s of %(area)s', { parts: groupWords()[group], area: found ? nameOf(found) : area })
}

/** The colour that a zone has on the map. */
export const Swatch = ({ place }) => html`<i class="zone-swatch ${colourOf(place)}" aria-hidden="true"></i>`

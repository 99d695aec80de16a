/** What was worked out for zones: how far it is; then its choices, of which none is better in all respects. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure } from '../shared/words.js'
import { isUnderWay } from './panel-proposal-actions.js'
import { Head } from './panel-signs.js'
import { figureWords } from './panel-zone-wish.js'
import { groupWords, Swatch, titleOf } from './panel-zones.js'

const percent = (share) => `${(share * 100).toFixed(1)} %`
const plus = (share) => `+${percent(share)}`

const stateText = ({ state }) =>
  ({
    waiting: t('waits for its turn'),
    running: t('under way'),
    done: t('ready'),
    failed: t('not possible'),
    cancelled: t('stopped'),
    taken: t('taken'),
  })[state]

export function ZoneProposal({ proposal, state, actions, areas }) {
  const { id, group, area, count, progress, step, notes, cancelled, choices } = proposal
  const runs = isUnderWay(proposal)
  return html`<article class="proposal">
    <${Head} title=${t('%(n)s zones', { n: figure(count) })}><span class="meta">${stateText(proposal)}</span><//>
    <p class="meta">${titleOf(group, area, areas)} · ${weighed(proposal)}</p>
    ${runs &&
    html`<progress max="1" value=${progress} aria-label=${t('Progress')}></progress>
      <p class="explained" role="status">${cancelled ? t('It is being stopped.') : step}</p>
      <div class="plan-buttons"><button class="button small" disabled=${cancelled || state.busy} onClick=${() => actions.cancelZones(id)}>${t('Stop it')}</button></div>`}
    ${notes.map((sentence) => html`<p key=${sentence} class=${proposal.state === 'failed' ? 'plan-failure' : 'explained'}>${sentence}</p>`)}
    ${choices && html`<${Choices} proposal=${proposal} state=${state} actions=${actions} />`}
    ${!runs && html`<div class="plan-buttons"><button class="button small" disabled=${state.busy} onClick=${() => actions.dropZones(id)}>${proposal.state === 'done' ? t('Drop it') : t('Clear it')}</button></div>`}
  </article>`
}

/** What was evened out, such as "Households 2 : Staff 1". */
function weighed({ weights }) {
  const words = figureWords()
  const told = Object.entries(weights).filter(([, weight]) => weight > 0)
  return told.map(([name, weight]) => (told.length > 1 ? `${words[name]} ${weight}` : words[name])).join(' : ')
}

function Choices({ proposal, state, actions }) {
  const { id, choices, today, exact } = proposal
  const chosen = state.zoneShown?.proposal === id ? state.zoneShown.choice : null
  const now = choices[chosen - 1]
  return html`
    ${choices.length > 1 && html`<${Front} choices=${choices} today=${today.card} chosen=${chosen} onChoose=${(choice) => actions.showChoice(id, choice)} />`}
    <div class="zone-choices" role="group" aria-label=${t('Choices')}>
      ${choices.map(({ card }, place) => html`<button key=${place} class="chip" aria-pressed=${chosen === place + 1 ? 'true' : 'false'} onClick=${() => actions.showChoice(id, place + 1)}>
        <b>${place + 1}</b> ${plus(card.imbalance)}${card.complementarity !== null && html` · ${card.complementarity.toFixed(3)}`}
      </button>`)}
    </div>
    <p class="explained">${exact ? t('Every way that could be the most even was looked at.') : t('With more than 20 areas not every way can be looked at: these are the best of many tries.')}</p>
    ${now && html`<${Card} today=${today.card} proposed=${now.card} />`}
    ${now && html`<${Take} key=${chosen} proposal=${proposal} choice=${chosen} zones=${now.zones} state=${state} actions=${actions} />`}`
}

/** A small chart as wide as the panel. */
const CHART = { width: 300, height: 150, left: 34, right: 12, top: 12, bottom: 26 }

/** The choices in the plane of balance and complementary skills, and where today's zones stand in it; the buttons say the same. */
function Front({ choices, today, chosen, onChoose }) {
  const points = choices.map(({ card }) => card)
  const all = [...points, today].filter((card) => card?.complementarity !== null && card?.complementarity !== undefined)
  const x = scaled(all.map(({ imbalance }) => imbalance), CHART.left, CHART.width - CHART.right)
  const y = scaled(all.map(({ complementarity }) => complementarity), CHART.height - CHART.bottom, CHART.top)
  return html`<svg class="zone-front" viewBox=${`0 0 ${CHART.width} ${CHART.height}`} role="img" aria-label=${t('More even to the left, more complementary upwards; the buttons below list the same choices.')}>
    <path class="zone-axes" d=${`M${CHART.left} ${CHART.top}V${CHART.height - CHART.bottom}H${CHART.width - CHART.right}`} />
    <text x=${CHART.width - CHART.right} y=${CHART.height - 8} text-anchor="end">${t('heaviest zone above the mean')}</text>
    <text x="4" y="10">${t('complementary')}</text>
    <polyline points=${points.map((card) => `${x(card.imbalance)},${y(card.complementarity)}`).join(' ')} />
    ${today?.complementarity !== null && today && html`<rect class="zone-today" x=${x(today.imbalance) - 5} y=${y(today.complementarity) - 5} width="10" height="10"><title>${t('In force now')}</title></rect>`}
    ${points.map((card, place) => html`<circle key=${place} cx=${x(card.imbalance)} cy=${y(card.complementarity)} r="6" onClick=${() => onChoose(place + 1)} />`)}
    ${chosen && html`<circle class="is-chosen" cx=${x(points[chosen - 1].imbalance)} cy=${y(points[chosen - 1].complementarity)} r="6" />`}
  </svg>`
}

/** From values to places between two ends; a single value stands in the middle. */
function scaled(values, start, end) {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return (value) => Number((most === least ? (start + end) / 2 : start + ((value - least) / (most - least)) * (end - start)).toFixed(1))
}

/** Lines of the score card: how each is written. */
const lines = () => ({
  zones: [t('Zones'), figure],
  imbalance: [t('Heaviest zone above the mean'), plus],
  imbalance_households: [t('… in households'), plus],
  imbalance_open_incidents: [t('… in open incidents'), plus],
  imbalance_staff: [t('… in staff'), plus],
  complementarity: [t('Complementary skills'), (value) => value.toFixed(3)],
  kept: [t('Stays in its zone'), percent],
  left_out: [t('In no zone'), figure],
})

function Card({ today, proposed }) {
  const text = (card, name, write) => (card?.[name] === null || card?.[name] === undefined ? '—' : write(card[name]))
  const shown = Object.entries(lines()).filter(([name]) => [today, proposed].some((card) => card && card[name] !== null && (name !== 'left_out' || card.left_out > 0)))
  return html`<table class="impact-table score-card">
      <thead><tr><td></td><th scope="col">${t('In force now')}</th><th scope="col">${t('Proposed')}</th></tr></thead>
      <tbody>${shown.map(([name, [word, write]]) => html`<tr key=${name}><th scope="row">${word}</th><td class="impact-before">${text(today, name, write)}</td><td><b>${text(proposed, name, write)}</b></td></tr>`)}</tbody>
    </table>
    ${!today && html`<p class="explained">${t('No zones are in force here, so there is nothing to compare with.')}</p>`}`
}

/** The zones of a choice by name; taking them makes them those of today. */
function Take({ proposal, choice, zones, state, actions }) {
  const [names, setNames] = useState(() => zones.map(({ name }, place) => name ?? t('Zone %(n)s', { n: place + 1 })))
  const wanted = names.map((name) => name.trim())
  const sound = wanted.every(Boolean) && new Set(wanted).size === wanted.length
  const take = (event) => {
    event.preventDefault()
    if (sound && !state.busy) actions.takeZones(proposal.id, choice, wanted)
  }
  return html`<form class="plan-form zone-take" onSubmit=${take}>
    ${zones.map(({ parts, households, open_incidents: open, staff }, place) => html`<label key=${place}>
      <span><${Swatch} place=${place} />${t('%(parts)s: %(n)s', { parts: groupWords()[proposal.group], n: figure(parts) })} · ${t('%(n)s households', { n: figure(households) })} · ${t('%(n)s open', { n: figure(open) })} · ${t('%(n)s people', { n: figure(staff) })}</span>
      <input required maxlength="40" aria-label=${t('Name of zone %(n)s', { n: place + 1 })} value=${names[place]} onInput=${(event) => setNames(names.with(place, event.currentTarget.value))} />
    </label>`)}
    ${!sound && html`<p class="explained">${t('Each zone has a name of its own.')}</p>`}
    ${proposal.state === 'done' && html`<button class="button primary" disabled=${!sound || state.busy}>${t('Take these zones from now on')}</button>`}
  </form>`
}

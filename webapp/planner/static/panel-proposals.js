/** Proposals: what to have worked out, how far it is, and its score beside that of today. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure, nameOf } from '../shared/words.js'
import { useAnswer } from './panel-fetch.js'
import { onFormKey } from './panel-form.js'
import { Differences, FileWish, Sentences } from './panel-import.js'
import { may } from './panel-page.js'
import { isUnderWay } from './panel-proposal-actions.js'
import { Head, Nothing } from './panel-signs.js'
import { fitted } from './panel-small-map.js'

const LEAST = 300
const MOST = 500

const kinds = () => ({
  split: { verb: t('Split this grid'), how: t('Cuts the chosen grid into as few grids in range as it takes, along streets.') },
  balance: { verb: t('Balance a community'), how: t('Brings its grids into range and moves as few households as possible.') },
  partition: { verb: t('Divide anew'), how: t('Draws all grids of an area anew from buildings, streets and rivers.') },
  import: { verb: t('Import a file') },
})

/** Lines of the score card: how each is written, and whether more or less of it is better. */
const scores = () => ({
  grids: { word: t('Grids'), text: figure },
  in_range: { word: t('In range'), text: percent },
  kept_households: { word: t('Households that keep their grid'), text: percent },
  on_barriers: { word: t('Border on streets and rivers'), text: percent },
  compactness: { word: t('Compactness'), text: (value) => value.toFixed(2) },
  buildings_cut: { word: t('Buildings cut'), text: figure },
  spread: { word: t('Spread of households'), text: (value) => value.toFixed(2) },
})

const percent = (share) => `${(share * 100).toFixed(1)} %`

/** A small map as wide as the panel. */
const MAP = { width: 300, height: 190, margin: 8 }

export function Proposals({ state, actions }) {
  useEffect(() => {
    actions.listProposals()
  }, [state.plan.state, state.plan.base_edition])
  return html`<section class="plan-panel proposals" aria-label=${t('Proposals')}>
    ${may(state.plan, 'edit') && html`<${Wish} state=${state} actions=${actions} />`}
    ${!state.proposals.length && html`<${Nothing} why=${t('Nothing is proposed yet.')} fills=${t('What is worked out stands here with its score beside today’s; nothing changes before you take it.')} />`}
    ${state.proposals.map((proposal) => html`<${Proposal} key=${proposal.id} proposal=${proposal} state=${state} actions=${actions} />`)}
  </section>`
}

function Wish({ state, actions }) {
  const [kind, setKind] = useState('split')
  const [where, setWhere] = useState(null)
  const [options, setOptions] = useState({ min: LEAST, max: MOST, seed: 0 })
  const { answer } = useAnswer('/areas')
  const areas = (answer?.items ?? []).filter((area) => area.kind === 'community' || kind === 'partition')
  const area = where ?? communityOf(state.selection, areas)?.code ?? ''
  const wish = wishOf(kind, area, state.selection)
  const words = kinds()
  const ask = (event) => {
    event.preventDefault()
    if (wish && !state.busy) actions.propose(kind, { ...wish, ...options })
  }
  const option = (name, word, least) => html`<label>${word}<input type="number" required min=${least} max="100000" value=${options[name]} onInput=${(event) => setOptions({ ...options, [name]: Number(event.currentTarget.value) })} /></label>`
  const chips = html`<div class="impact-kinds" role="group" aria-label=${t('What to work out')}>
    ${Object.entries(words).map(([name, { verb }]) => html`<button key=${name} type="button" class="chip" aria-pressed=${kind === name ? 'true' : 'false'} onClick=${() => setKind(name)}>${verb}</button>`)}
  </div>`
  if (kind === 'import') return html`<div>${chips}<${FileWish} state=${state} actions=${actions} /></div>`
  return html`<form class="plan-form" onSubmit=${ask} onKeyDown=${(event) => onFormKey(event, () => event.target.blur())}>
    ${chips}
    <p class="explained">${words[kind].how}</p>
    ${kind === 'split'
      ? !wish && html`<p class="explained">${t('Choose one grid on the map.')}</p>`
      : html`<label>
          ${kind === 'balance' ? t('Community') : t('Area')}
          <select value=${area} onChange=${(event) => setWhere(event.currentTarget.value)}>
            <option value="">${kind === 'partition' && state.selection.length > 1 ? t('the %(n)s chosen grids', { n: figure(state.selection.length) }) : t('choose')}</option>
            ${areas.map(({ code, ...named }) => html`<option key=${code} value=${code}>${nameOf(named)}</option>`)}
          </select>
        </label>`}
    <div class="proposal-options">${option('min', t('At least'), 1)}${option('max', t('At most'), 1)}${option('seed', t('Seed'), 0)}</div>
    <button class="button ${state.proposals.some((one) => one.state === 'done') ? '' : 'primary'}" disabled=${!wish || options.min > options.max || state.busy}>${t('Work it out')}</button>
  </form>`
}

/** The community whose code the chosen grid's begins with. */
const communityOf = ([first], areas) => first && areas.find(({ kind, code }) => kind === 'community' && first.startsWith(code))

function wishOf(kind, area, selection) {
  if (kind === 'split') return selection.length === 1 ? { grid: selection[0] } : null
  if (kind === 'balance') return area ? { community: area } : null
  if (area) return { area }
  return selection.length > 1 ? { grids: selection } : null
}

function Proposal({ proposal, state, actions }) {
  const { id, kind, progress, step, sentence, notes, score, cancelled, takes, file, differences } = proposal
  const runs = isUnderWay(proposal)
  const shown = state.proposalShown === id
  const words = kinds()
  return html`<div class="proposal">
    <${Head} title=${words[kind].verb}><span class="meta">${stateText(proposal)}</span><//>
    ${runs &&
    html`<progress max="1" value=${progress} aria-label=${t('Progress')}></progress>
      <p class="explained" role="status">${cancelled ? t('It is being stopped.') : step}</p>
      <div class="plan-buttons"><button class="button small" disabled=${cancelled || state.busy} onClick=${() => actions.cancelProposal(id)}>${t('Stop it')}</button></div>`}
    ${file && html`<p class="explained file-name">${file}</p>`}
    ${file && notes.length > 0 && html`<div class=${proposal.state === 'failed' ? 'plan-failure' : ''}><${Sentences} notes=${notes} /></div>`}
    ${!file && sentence && html`<p class=${proposal.state === 'failed' ? 'plan-failure' : ''}>${sentence}</p>`}
    ${proposal.features?.every(({ geometry }) => geometry.type === 'Polygon') && html`<${Preview} features=${proposal.features} />`}
    ${differences && html`<${Differences} differences=${differences} actions=${actions} />`}
    ${score && html`<${ScoreCard} score=${score} />`}
    ${!runs &&
    html`<div class="plan-buttons">
      ${proposal.features && proposal.state === 'done' && html`<button class="button small" aria-pressed=${shown ? 'true' : 'false'} onClick=${() => actions.showProposal(shown ? null : id)}>${t('On the map')}</button>`}
      ${takes && proposal.state === 'done' && html`<button class="button small primary" disabled=${state.busy} onClick=${() => actions.takeProposal(id)}>${t('Take it as an edit')}</button>`}
      ${may(state.plan, 'edit') && html`<button class="button small" disabled=${state.busy} onClick=${() => actions.dropProposal(id)}>${proposal.state === 'done' ? t('Drop it') : t('Clear it')}</button>`}
    </div>`}
  </div>`
}

/** The proposed grids; the map shows them in their place. */
function Preview({ features }) {
  const fit = fitted(features.map(({ geometry }) => geometry), MAP)
  return html`<svg class="proposal-map" viewBox=${`0 0 ${MAP.width} ${MAP.height}`} role="img" aria-label=${t('%(n)s proposed grids', { n: figure(features.length) })}>
    ${features.map(({ id, geometry }) => html`<path key=${id} d=${fit(geometry)} />`)}
  </svg>`
}

const stateText = ({ state }) =>
  ({
    waiting: t('waits for its turn'),
    running: t('under way'),
    done: t('ready'),
    failed: t('not possible'),
    cancelled: t('stopped'),
    taken: t('taken as an edit'),
  })[state]

function ScoreCard({ score: { today, proposed } }) {
  const lines = Object.entries(scores()).filter(([name]) => name in proposed)
  const text = (side, name, write) => (side?.[name] === null || side?.[name] === undefined ? '—' : write(side[name]))
  return html`<table class="impact-table score-card">
    <thead><tr><td></td><th scope="col">${t('In force now')}</th><th scope="col">${t('Proposed')}</th></tr></thead>
    <tbody>
      ${lines.map(([name, { word, text: write }]) => html`<tr key=${name}><th scope="row">${word}</th><td class="impact-before">${text(today, name, write)}</td><td><b>${text(proposed, name, write)}</b></td></tr>`)}
    </tbody>
  </table>`
}

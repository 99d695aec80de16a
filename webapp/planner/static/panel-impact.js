/** What the plan does: figures before, after and by how much, for the grids of one edit or of the whole plan. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure } from '../shared/words.js'
import { standingOf } from './panel-page.js'
import { Nothing, Waiting } from './panel-signs.js'
import { FIGURES, countText, differenceText, figureText, figureWord, gridText } from './panel-words.js'

/** Grids side by side as long as their names and figures fit. */
const MOST_BESIDE = 2

/** The grids that the last edit that stands touched. */
export const lastTouched = (edits) => standingOf(edits)[0]?.grids.map(({ id }) => id) ?? []

export function ImpactTable({ state, actions, onOpen }) {
  const { impact, impactOf, selection, edits } = state
  const chosen = selection.length ? selection : lastTouched(edits)
  const key = selection.join()
  useEffect(() => {
    if (key && key !== impactOf?.join()) actions.impactOf(selection)
  }, [key])
  return html`<section class="plan-panel impact" aria-label=${t('Impact')}>
    <header>
      <h2>${t('Impact')}</h2>
      <span class="impact-scope" role="group" aria-label=${t('Of what')}>
        <button class="link" disabled=${!chosen.length} aria-pressed=${impactOf ? 'true' : 'false'} onClick=${() => actions.impactOf(chosen)}>${selection.length ? t('Chosen grids') : t('This edit')}</button>
        <button class="link" aria-pressed=${impactOf ? 'false' : 'true'} onClick=${() => actions.impactOf(null)}>${t('Whole plan')}</button>
      </span>
    </header>
    ${impact ? html`<${Figures} grids=${within(impact.grids, impactOf)} onOpen=${onOpen} />` : html`<${Waiting} rows=${6} />`}
  </section>`
}

/** The grids of a scope; without one all that the plan changes. */
const within = (grids, scope) => (scope ? grids.filter(({ id }) => scope.includes(id)) : grids)

function Figures({ grids, onOpen }) {
  if (!grids.length) return html`<${Nothing} why=${t('Nothing has moved.')} fills=${t('Once a border moves, what goes with it is counted here.')} />`
  return grids.length > MOST_BESIDE ? html`<${ByFigure} grids=${grids} onOpen=${onOpen} />` : html`<${SideBySide} grids=${grids} onOpen=${onOpen} />`
}

/** What a grid is called, and under it what it is called today where the plan renames it. */
const Called = ({ grid }) => html`${gridText(grid)}${grid.was && html`<small class="impact-was">${t('until now %(name)s', { name: gridText(grid.was) })}</small>`}`

/** One or two grids: all figures, each with its before, after and difference. */
function SideBySide({ grids, onOpen }) {
  return html`<table class="impact-table">
    <thead>
      <tr>
        <td></td>
        ${grids.map((grid) => html`<th key=${grid.id} colspan="3" scope="colgroup"><${Called} grid=${grid} /></th>`)}
      </tr>
      <tr class="sr-only">
        <td></td>
        ${grids.flatMap(({ id }) => [t('before'), t('after'), t('difference')].map((word) => html`<th key=${id + word} scope="col">${word}</th>`))}
      </tr>
    </thead>
    <tbody>
      ${FIGURES.map(
        (kind) => html`<tr key=${kind}>
          <th scope="row">${figureWord(kind)}</th>
          ${grids.flatMap((grid) => cells(grid, kind, onOpen))}
        </tr>`,
      )}
    </tbody>
  </table>`
}

/** Many grids: one figure at a time, a row for each grid. */
function ByFigure({ grids, onOpen }) {
  const [kind, setKind] = useState('households')
  return html`<div class="impact-kinds" role="group" aria-label=${t('Figure')}>
      ${FIGURES.map((one) => html`<button key=${one} class="chip" aria-pressed=${kind === one ? 'true' : 'false'} onClick=${() => setKind(one)}>${figureWord(one)}</button>`)}
    </div>
    <table class="impact-table impact-long">
      <thead class="sr-only"><tr><th scope="col">${t('Grid')}</th><th scope="col">${t('before')}</th><th scope="col">${t('after')}</th><th scope="col">${t('difference')}</th></tr></thead>
      <tbody>
        ${grids.map((grid) => html`<tr key=${grid.id}><th scope="row"><${Called} grid=${grid} /></th>${cells(grid, kind, onOpen)}</tr>`)}
      </tbody>
    </table>`
}

function cells(grid, kind, onOpen) {
  const [before, after] = [valueOf(grid.before, kind), valueOf(grid.after, kind)]
  const difference = differenceText(before, after)
  const says = `${gridText(grid)}: ${figureWord(kind)} ${figureText(after)}`
  const opens = kind !== 'per_person' && after !== null
  return [
    html`<td key=${`${grid.id} before`} class="impact-before">${figureText(before)}</td>`,
    html`<td key=${`${grid.id} after`}>
      ${opens ? html`<button aria-label=${says} title=${t('Show the rows')} onClick=${() => onOpen({ kind, grid })}><b>${figureText(after)}</b></button>` : html`<b>${figureText(after)}</b>`}
    </td>`,
    html`<td key=${`${grid.id} by`} class="impact-by">${difference}</td>`,
  ]
}

/** A figure of one side; a grid that is new had none, one that ends has none. */
function valueOf(side, kind) {
  const value = side?.[kind]
  return value === null || value === undefined ? null : Math.round(value)
}

/** What moves with the borders, each number a way to its rows. */
export function MoveLists({ state, onOpen }) {
  const moves = state.impact?.moves.filter(({ n }) => n) ?? []
  if (!moves.length) return null
  return html`<section class="plan-panel moves" aria-label=${t('Moves along')}>
    <header><h3>${t('Moves along')}</h3><span>${t('open for the rows')}</span></header>
    <ul>
      ${moves.map(
        ({ kind, n }) => html`<li key=${kind}>
          <button class="chip" onClick=${() => onOpen({ kind, grid: null })}>${countText(kind, n)}<span aria-hidden="true">›</span></button>
        </li>`,
      )}
    </ul>
  </section>`
}

/** The mean of figures of which some may be missing; null of nothing. */
export function meanOf(values) {
  const known = values.filter((value) => value !== null && value !== undefined)
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null
}

/** What each person answers for, grid by grid, before and after, with the mean of a community and how far it spreads. */
export function LoadBars({ state }) {
  const { impact, impactOf } = state
  const holds = ({ per_person: bars }) => (bars.some(({ id }) => impactOf?.includes(id)) ? 0 : 1)
  // Those of the chosen grids come first.
  const communities = [...(impact?.communities ?? [])].sort((a, b) => holds(a) - holds(b))
  if (!communities.length) return null
  return html`<section class="plan-panel load-bars" aria-label=${t('Households a person')}>
    ${communities.map((community) => html`<${Community} key=${community.code} community=${community} grids=${impact.grids} />`)}
  </section>`
}

function Community({ community, grids }) {
  const { per_person: bars, spread_before: was, spread_after: is } = community
  const most = Math.max(1, ...bars.flatMap(({ before, after }) => [before ?? 0, after ?? 0]))
  const mean = meanOf(bars.map(({ after }) => after))
  const height = (value) => ({ height: `${(100 * (value ?? 0)) / most}%` })
  const spread = t('spread %(before)s → %(after)s', { before: spreadText(was), after: spreadText(is) })
  const told = mean === null ? spread : `${t('mean %(n)s', { n: figure(Math.round(mean)) })}, ${spread}`
  return html`<figure>
    <figcaption><span>${t('Households a person · %(community)s, %(n)s grids', { community: gridText(community), n: figure(bars.length) })}</span><span>${spread}</span></figcaption>
    <div class="bars" role="img" aria-label=${told}>
      ${mean !== null && html`<i class="bars-mean" style=${{ bottom: `${(100 * mean) / most}%` }}><span>${t('mean %(n)s', { n: figure(Math.round(mean)) })}</span></i>`}
      ${bars.map(
        ({ id, before, after }) => html`<span key=${id} class=${before === after ? '' : 'is-changed'} title=${barText(id, grids, before, after)}>
          <i style=${height(before)}></i><b style=${height(after)}></b>
        </span>`,
      )}
    </div>
  </figure>`
}

const spreadText = (spread) => spread?.toFixed(2) ?? '—'

const barText = (id, grids, before, after) =>
  `${gridText(grids.find((grid) => grid.id === id) ?? { code: id })}: ${figureText(before && Math.round(before))} → ${figureText(after && Math.round(after))}`

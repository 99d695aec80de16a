/** The grids that are not what they were, a row each: what happened, households and ground before and after. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { areaText, causeWord, figure, kindWord, nameOf } from '../shared/words.js'
import { changeWord, fateWord, gaveText, gotText, signed } from './differences-words.js'

export function DifferenceTable({ found, chosen, onChoose }) {
  const list = useRef()
  useEffect(() => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }), [chosen, found])
  return html`<section class="difference-table" ref=${list} aria-label=${t('What became of the grids')} tabindex="0">
    ${found && !found.grids.length && html`<p class="difference-none">${t('Between these two days nothing changed about the grids you see.')}</p>`}
    ${found &&
    found.grids.length > 0 &&
    html`<table>
      <thead><tr><th scope="col">${t('Grid')}</th><th scope="col" class="number">${t('Households')}</th><th scope="col" class="number">${t('Ground')}</th></tr></thead>
      <tbody>
        ${found.grids.map((grid) => html`<${Row} key=${grid.id} grid=${grid} chosen=${grid.id === chosen} onChoose=${onChoose} />`)}
      </tbody>
    </table>`}
  </section>`
}

function Row({ grid, chosen, onChoose }) {
  const { before, after } = grid
  return html`<tr aria-selected=${String(chosen)} data-fate=${grid.fate}>
    <th scope="row">
      <button class="grid-name" aria-expanded=${String(chosen)} onClick=${() => onChoose(grid.id)}>${nameOf(grid)}</button>
      <span class=${`fate fate-${grid.fate}`}>${fateWord(grid.fate)}</span>
      <p class="meta">${whatHappened(grid)}</p>
      ${chosen && html`<${Details} grid=${grid} />`}
    </th>
    <td class="number"><${Pair} before=${before?.households} after=${after?.households} write=${figure} sign=${signed} /></td>
    <td class="number"><${Pair} before=${before?.area_m2} after=${after?.area_m2} write=${areaText} /></td>
  </tr>`
}

/** Before, after, and by how much. */
function Pair({ before, after, write, sign }) {
  if (before === undefined || after === undefined) return html`<b>${write(after ?? before)}</b>`
  if (write(before) === write(after)) return write(after)
  return html`<span>${write(before)} → <b>${write(after)}</b></span>${sign && html`<em>${sign(after - before)}</em>`}`
}

function whatHappened({ fate, changes, causes, from, to }) {
  if (fate === 'came') return causeWord(from[0]?.op ?? causes[0]?.cause ?? 'import')
  if (fate === 'ended') return causeWord(to[0]?.op ?? 'import')
  return changes.map(changeWord).join(' · ')
}

/** What it gave and got, and what else it was and is. */
function Details({ grid }) {
  const { before, after, changes } = grid
  const words = { name: nameOf, code: ({ code }) => code, kind: ({ kind }) => kindWord(kind), community: ({ community }) => nameOf(community), owner: ({ owner }) => (owner ? nameOf(owner) : '–') }
  return html`<ul class="difference-details">
    ${grid.to.map((share) => html`<li key=${`to-${share.id}`}>${gaveText(share)}</li>`)}
    ${grid.from.map((share) => html`<li key=${`from-${share.id}`}>${gotText(share)}</li>`)}
    ${changes.filter((change) => words[change]).map((change) => html`<li key=${change}>${`${changeWord(change)}: ${words[change](before)} → ${words[change](after)}`}</li>`)}
    <li><a href=${`/planner/grids/${encodeURIComponent(grid.code)}`}>${t('All versions of this grid')}</a></li>
  </ul>`
}

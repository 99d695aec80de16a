/** Others published meanwhile: what of it concerns this plan, and bringing the plan onto the newest edition. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure } from '../shared/words.js'
import { may } from './panel-page.js'
import { SIZE, fitted } from './panel-small-map.js'
import { gridText } from './panel-words.js'

/** States in which it still matters. */
const OPEN = ['draft', 'submitted', 'approved']

export function RebaseBand({ state, actions }) {
  const { plan } = state
  const [found, take] = useState(null)
  if (!plan.behind || !OPEN.includes(plan.state)) return null
  const look = async () => take((await actions.contested()) ?? null)
  return html`<section class="plan-panel rebase-band" aria-label=${t('Others have published')}>
    <p><b>${t('Others have published since: edition %(n)s is in force.', { n: plan.base_edition + plan.behind })}</b></p>
    ${!found && html`<button class="button small" disabled=${state.busy} onClick=${look}>${t('See what it touches')}</button>`}
    ${found && html`<${Found} found=${found} state=${state} actions=${actions} />`}
  </section>`
}

function Found({ found, state, actions }) {
  const told = found.disjoint
    ? t('Nothing of it lies where you drew. Your edits are drawn again on the newest edition, to the same borders.')
    : t('Grids that both changed: %(n)s. Edits there are set aside with a sentence; all others are drawn again.', { n: figure(found.contested.length) })
  return html`<p>${told}</p>
    ${found.contested.map((grid) => html`<${Contested} key=${grid.id} grid=${grid} actions=${actions} />`)}
    ${may(state.plan, 'rebase') && html`<button class="button small primary" disabled=${state.busy} onClick=${() => actions.step('rebase')}>${t('Bring onto the newest edition')}</button>`}`
}

/** One grid both ways: as it was, and over that as drawn here, and as published. */
function Contested({ grid, actions }) {
  const fit = fitted([grid.base, grid.mine, grid.theirs].filter(Boolean))
  return html`<div class="contested">
    <button class="link" onClick=${() => actions.show([grid.id])}>${gridText(grid)}</button>
    <div>
      <${Small} title=${t('Your draft')} was=${grid.base} is=${grid.mine} fit=${fit} />
      <${Small} title=${t('Published')} was=${grid.base} is=${grid.theirs} fit=${fit} />
    </div>
  </div>`
}

function Small({ title, was, is, fit }) {
  return html`<figure>
    <svg viewBox=${`0 0 ${SIZE.width} ${SIZE.height}`} aria-hidden="true">
      ${was && html`<path class="contested-was" d=${fit(was)} />`}
      ${is && html`<path class="contested-is" d=${fit(is)} />`}
    </svg>
    <figcaption>${is ? title : t('%(what)s: no longer there', { what: title })}</figcaption>
  </figure>`
}

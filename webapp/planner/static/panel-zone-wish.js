/** What to have grouped into zones: which parts, how many zones, and what weighs. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure, nameOf } from '../shared/words.js'
import { onFormKey } from './panel-form.js'
import { groupWords } from './panel-zones.js'

const MOST_ZONES = 50
const MOST_WEIGHT = 10

export const figureWords = () => ({
  households: t('Households'),
  open_incidents: t('Open incidents'),
  staff: t('Staff'),
})

const skillWords = () => ({
  none: t('do not count'),
  posts: t('people by their post'),
  places: t('schools, enterprises and other places'),
})

export function ZoneWish({ state, actions, areas }) {
  const [wish, setWish] = useState({ group: 'townships', count: 4, skills: 'posts', seed: 0 })
  const [weights, setWeights] = useState({ households: 1, open_incidents: 0, staff: 0 })
  const [place, setPlace] = useState('')
  const townships = areas.filter(({ kind }) => kind === 'township')
  const inside = wish.group !== 'townships'
  const area = place || townships[0]?.code
  const parts = countOf(wish.group, area, areas)
  const weighs = Object.values(weights).some((weight) => weight > 0)
  const sound = weighs && wish.count >= 1 && wish.count <= parts
  const change = (changes) => setWish({ ...wish, ...changes })
  const ask = (event) => {
    event.preventDefault()
    if (sound && !state.busy) actions.proposeZones({ ...wish, weights, ...(inside ? { area } : {}) })
  }
  const number = (word, value, [least, most], take) => html`<label>${word}<input type="number" required min=${least} max=${most} value=${value} onInput=${(event) => take(Number(event.currentTarget.value))} /></label>`
  return html`<form class="plan-form zone-wish" onSubmit=${ask} onKeyDown=${(event) => onFormKey(event, () => event.target.blur())}>
    <div class="impact-kinds" role="group" aria-label=${t('What to group')}>
      ${Object.entries(groupWords()).map(([name, word]) => html`<button key=${name} type="button" class="chip" aria-pressed=${wish.group === name ? 'true' : 'false'} onClick=${() => change({ group: name })}>${word}</button>`)}
    </div>
    ${inside &&
    html`<label>${t('Township')}
      <select value=${area} onChange=${(event) => setPlace(event.currentTarget.value)}>
        ${townships.map(({ code, ...named }) => html`<option key=${code} value=${code}>${nameOf(named)}</option>`)}
      </select>
    </label>`}
    <div class="proposal-options">
      ${number(t('How many zones'), wish.count, [1, MOST_ZONES], (count) => change({ count }))}
      <label class="zone-skills">${t('Skills')}
        <select value=${wish.skills} onChange=${(event) => change({ skills: event.currentTarget.value })}>
          ${Object.entries(skillWords()).map(([name, word]) => html`<option key=${name} value=${name}>${word}</option>`)}
        </select>
      </label>
    </div>
    <fieldset class="zone-weights">
      <legend>${t('What is evened out, and how much each weighs')}</legend>
      <div class="proposal-options">
        ${Object.entries(figureWords()).map(([name, word]) => number(word, weights[name], [0, MOST_WEIGHT], (weight) => setWeights({ ...weights, [name]: weight })))}
      </div>
    </fieldset>
    ${wish.count > parts && html`<p class="explained">${t('There are only %(n)s to group: ask for at most as many zones.', { n: figure(parts) })}</p>`}
    ${!weighs && html`<p class="explained">${t('Let at least one of them weigh more than 0.')}</p>`}
    <button class="button primary" disabled=${!sound || state.busy}>${t('Work it out')}</button>
  </form>`
}

/** How many parts there are to group. @param {string|undefined} area  code of the township, where only its parts are */
function countOf(group, area, areas) {
  if (group === 'townships') return areas.filter(({ kind }) => kind === 'township').length
  const township = areas.find(({ code }) => code === area)
  if (group === 'grids') return township?.grids ?? 0
  return areas.filter(({ kind, parent_id: parent }) => kind === 'community' && parent === township?.id).length
}

/** The middle of the page: the map, the tools that lie on it, and what they have to say. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { scaleOf } from '../shared/map/scale.js'
import { nameOf } from '../shared/words.js'
import { InHand } from './in-hand.js'
import { Swipe } from './swipe.js'
import { Toolbar } from './toolbar.js'

const MOST_REMARKS = 2

export function MapPanel({ state, actions, startMap, onZoom, onSwipe }) {
  const element = useRef()
  useEffect(() => startMap(element.current), [])
  return html`<main class="map-panel" aria-label=${t('Map')}>
    <div class="map" ref=${element}></div>
    ${state.busy && html`<div class="busy-line" role="status"><span class="sr-only">${t('The server is at work…')}</span></div>`}
    ${state.plan && html`<${Toolbar} state=${state} actions=${actions} />`}
    <div class="sayings" aria-live="polite">
      <${Refusal} refused=${state.refused} actions=${actions} />
      ${!state.refused && html`<${Remarks} remarks=${state.remarks} actions=${actions} />`}
    </div>
    ${state.compare === 'swipe' && state.plan && html`<${Swipe} onMove=${onSwipe} />`}
    <div class="map-foot">
      ${state.plan && html`<${InHand} state=${state} />`}
      <${Legend} state=${state} />
    </div>
    <div class="floating zoom" role="group" aria-label=${t('Zoom')}>
      <button class="tool" aria-label=${t('Nearer')} title=${t('Nearer')} onClick=${() => onZoom(1)}><${Icon} name="plus" /></button>
      <button class="tool" aria-label=${t('Farther')} title=${t('Farther')} onClick=${() => onZoom(-1)}><${Icon} name="minus" /></button>
    </div>
  </main>`
}

/** Why it was not done, with a way to its place. */
function Refusal({ refused, actions }) {
  if (!refused) return null
  const [place] = refused.places
  return html`<div class="floating saying refused" role="alert">
    <span class="must-mark" aria-hidden="true"></span>
    <p>${refused.sentence}</p>
    ${(place || refused.grids.length > 0) && html`<button class="link" onClick=${() => actions.show(place ?? refused.grids)}>${t('Show')}</button>`}
    <button class="tool" aria-label=${t('Close this message')} title=${t('Close this message')} onClick=${actions.forgive}><${Icon} name="close" size=${16} /></button>
  </div>`
}

/** What is to be known of the last edit, which was done all the same; the check lists it all. */
function Remarks({ remarks, actions }) {
  if (!remarks.length) return null
  const more = remarks.length - MOST_REMARKS
  return html`<div class="floating saying" role="status">
    <ul>
      ${remarks.slice(0, MOST_REMARKS).map(
        ({ sentence, place }, i) => html`<li key=${i}>
          <span class="look-mark" aria-hidden="true"></span><p>${sentence}</p>
          ${place && html`<button class="link" onClick=${() => actions.show(place)}>${t('Show')}</button>`}
        </li>`,
      )}
      ${more > 0 && html`<li class="meta">${t('%(n)s more stand in the check.', { n: more })}</li>`}
    </ul>
    <button class="tool" aria-label=${t('Close this message')} title=${t('Close this message')} onClick=${actions.forgive}><${Icon} name="close" size=${16} /></button>
  </div>`
}

function Legend({ state: { plan, view, me } }) {
  const scale = view && scaleOf(view)
  const { credit } = me.district
  return html`<div class="floating legend">
    ${plan &&
    html`<span><i class="line-old"></i>${t('In force now')}</span>
      <span><i class="line-draft"></i>${t('Draft')}</span>
      <span><i class="swatch swatch-moved"></i>${t('Changes hands')}</span>`}
    ${!plan && html`<span>${nameOf(me.district)}</span>`}
    ${scale &&
    html`<span class="scale"><i style=${{ width: `${scale.px}px` }} aria-hidden="true"></i>${scale.metres >= 1000 ? t('%(n)s km', { n: scale.metres / 1000 }) : t('%(n)s m', { n: scale.metres })}</span>`}
    ${credit && html`<small class="credit">${credit}</small>`}
  </div>`
}

/** The card of a place that was searched for or shared: which grid holds it, and who answers there. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { Surname } from './queue-lists.js'
import { Section } from './section.js'
import { useChosen, usePage } from './use-store.js'
import { kindWord, nameOf, positionOf } from '../shared/words.js'

export function PlaceCard({ item }) {
  const { store, actions } = usePage()
  const id = useChosen((state) => state.selection?.id)
  const { grid, people } = item
  return html`<div class="card-scroll">
    <header class="card-head">
      <div class="card-line"><code>${id}</code><span>WGS 84</span></div>
      <div class="card-title"><${Icon} name="pin" size=${22} /><h2>${t('Place')}</h2></div>
      <div class="card-under">
        <p>${grid ? `${nameOf(grid)} · ${kindWord(grid.kind)}` : t('outside the district')}</p>
        <button class="button small" onClick=${actions.zoom}>${t('Zoom')}<kbd>Z</kbd></button>
      </div>
    </header>
    ${grid &&
    html`<${Section} title=${t('Grid')}>
      <button class="grid-link" onClick=${() => store.dispatch({ type: 'select', selection: { kind: 'grid', id: grid.code } })}>
        <${Icon} name="grid" size=${18} /><b>${nameOf(grid)}</b>
      </button>
      <ul class="people">
        ${people.map(
          (person, i) => html`<li key=${i}>
            <${Surname} person=${person} />
            <span class="row-main"><b>${nameOf(person)}</b><span class="row-second">${positionOf(person)}</span></span>
            <span class="person-end"><span>${person.phone ?? ''}</span></span>
          </li>`,
        )}
      </ul>
    <//>`}
  </div>`
}

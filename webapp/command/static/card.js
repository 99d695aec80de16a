/** The right panel: the one thing that is selected, and what can be done with it next. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { DeviceCard } from './device-card.js'
import { GreyRows } from './empty.js'
import { GridCard } from './grid-card.js'
import { Icon } from '../shared/icons.js'
import { IncidentCard } from './incident-card.js'
import { PlaceCard } from './place-card.js'
import { useChosen, usePage } from './use-store.js'

const CARDS = { incident: IncidentCard, grid: GridCard, device: DeviceCard, place: PlaceCard }

export function Card() {
  const { actions } = usePage()
  const detail = useChosen((state) => state.detail)
  if (!detail) return null
  const Content = CARDS[detail.kind]
  return html`<aside class="card" id="card" aria-label=${t('Selected')} aria-busy=${detail.status === 'loading' ? 'true' : 'false'}>
    <button class="tool card-close" aria-label=${t('Close the card')} title=${t('Close the card')} onClick=${actions.closeCard}>
      <${Icon} name="close" />
    </button>
    ${detail.status === 'failed'
      ? html`<div class="empty" role="alert">
          <p>${detail.sentence}</p>
          <button class="button" onClick=${actions.reloadCard}>${t('Load again')}</button>
        </div>`
      : detail.item
        ? html`<${Content} key=${detail.id} item=${detail.item} />`
        : html`<${GreyRows} n=${6} />`}
  </aside>`
}

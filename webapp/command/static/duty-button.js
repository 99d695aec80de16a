/** In the top bar: who sits at the desk now, and whether a hand-over waits. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { useChosen, usePage } from './use-store.js'
import { nameOf } from '../shared/words.js'

export function DutyButton() {
  const { actions } = usePage()
  const desk = useChosen((state) => state.desk)
  const open = useChosen((state) => state.dutyOpen)
  if (!desk) return null
  const names = desk.now.map(({ person }) => nameOf(person))
  const waits = desk.handover && !desk.handover.taken_at
  const word = [t('At the desk: %(who)s', { who: names.join(t(', ')) || t('nobody by the roster') }), waits && t('a hand-over waits')].filter(Boolean).join(' · ')
  return html`<button class="account-name duty-button" aria-label=${word} title=${word} aria-expanded=${open ? 'true' : 'false'} onClick=${open ? actions.closeDuty : actions.openDuty}>
    <${Icon} name="people" /><span>${names.length > 1 ? t('%(who)s + %(n)s', { who: names[0], n: names.length - 1 }) : (names[0] ?? t('The desk'))}</span>
    ${waits && html`<i class="bell-count" aria-hidden="true">1</i>`}
  </button>`
}

/** The five numbers that matter, each a link to its rows; only what is overdue is coloured. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { LookBack } from './day-bar.js'
import { useChosen, usePage } from './use-store.js'
import { figure } from '../shared/words.js'

/** What nobody can know of the past, such as which devices were silent, is left out. */
const entries = (numbers) => [
  { show: 'all', n: numbers.open, word: t('open') },
  { show: 'overdue', n: numbers.overdue, word: t('overdue'), alarming: true },
  { show: 'today', n: numbers.new_today, word: t('new today'), beside: t('%(n)s yesterday by now', { n: figure(numbers.new_yesterday) }) },
  { show: 'people', n: numbers.staff, word: t('staff') },
  ...(numbers.devices === null
    ? []
    : [{ show: 'silent', n: numbers.devices_silent, word: t('devices silent'), beside: t('of %(n)s', { n: figure(numbers.devices) }) }]),
]

/** @param {{ large?: boolean }} properties  large: one beneath the other, for the phone's sheet */
export function Numbers({ large = false }) {
  const { actions } = usePage()
  const numbers = useChosen((state) => state.numbers)
  const show = useChosen((state) => state.show)
  if (!numbers) return html`<nav class="numbers ${large ? 'numbers-large' : ''}" aria-label=${t('Numbers')} aria-busy="true"></nav>`
  return html`<nav class="numbers ${large ? 'numbers-large' : ''}" aria-label=${t('Numbers')}>
    ${entries(numbers).map(
      (entry) => html`<a
        key=${entry.show}
        href=${`?show=${entry.show}`}
        class=${entry.alarming && entry.n ? 'alarming' : ''}
        aria-current=${show === entry.show && show !== 'all' ? 'true' : undefined}
        onClick=${(event) => {
          event.preventDefault()
          actions.show(entry.show)
        }}
      >
        <strong>${figure(entry.n)}</strong> <span>${entry.word}</span>
        ${entry.beside && html`<em>${entry.beside}</em>`}
      </a>`,
    )}
    <${LookBack} />
  </nav>`
}

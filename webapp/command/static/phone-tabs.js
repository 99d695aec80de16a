/** The tab bar of narrow screens: the map fills the page, and a sheet over its lower part shows one panel at a time. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { useChosen, usePage } from './use-store.js'
import { figure } from '../shared/words.js'

export function PhoneTabs() {
  const { store } = usePage()
  const sheet = useChosen((state) => state.sheet)
  const hasCard = useChosen((state) => state.selection !== null || state.marked.length > 0 || state.answers.length > 0)
  const total = useChosen((state) => state.total)
  const tabs = [
    { name: 'map', icon: 'map', word: t('Map') },
    { name: 'queue', icon: 'list', word: t('Queue'), badge: total === null ? null : figure(total) },
    { name: 'card', icon: 'card', word: t('Selected'), disabled: !hasCard },
    { name: 'numbers', icon: 'figures', word: t('Numbers') },
  ]
  return html`<nav class="phone-tabs" aria-label=${t('Panels')}>
    ${tabs.map(
      (tab) => html`<button
        key=${tab.name}
        disabled=${tab.disabled}
        aria-current=${sheet === tab.name ? 'true' : undefined}
        onClick=${() => store.dispatch({ type: 'sheet', sheet: tab.name })}
      >
        <${Icon} name=${tab.icon} /><span>${tab.word}</span>${tab.badge && html`<b>${tab.badge}</b>`}
      </button>`,
    )}
  </nav>`
}

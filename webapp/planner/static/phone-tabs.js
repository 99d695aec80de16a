/** The tab bar of narrow screens: the map fills the page, and a sheet over its lower part shows one panel at a time. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'

export function PhoneTabs({ state, actions }) {
  const { sheet, plan, check } = state
  const tabs = [
    { name: 'map', icon: 'map', word: t('Map') },
    { name: 'plan', icon: 'list', word: plan ? t('Plan') : t('Plans') },
    { name: 'check', icon: 'check', word: t('Check'), badge: check?.must || null, disabled: !plan },
  ]
  return html`<nav class="phone-tabs" aria-label=${t('Panels')}>
    ${tabs.map(
      ({ name, icon, word, badge, disabled }) => html`<button
        key=${name}
        disabled=${disabled}
        aria-current=${sheet === name ? 'true' : undefined}
        onClick=${() => actions.sheet(name)}
      >
        <${Icon} name=${icon} /><span>${word}</span>${badge && html`<b>${badge}</b>`}
      </button>`,
    )}
  </nav>`
}

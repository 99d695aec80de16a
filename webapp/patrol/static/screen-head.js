/** The head of a screen that one comes to and goes back from. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { usePage } from './world.js'

export function ScreenHead({ title, children }) {
  const { actions } = usePage()
  return html`<header class="screen-head">
    <button class="back" aria-label=${t('Back')} onClick=${actions.back}><${Icon} name="back" size=${26} /></button>
    <h1 tabindex="-1">${title}</h1>
    ${children}
  </header>`
}

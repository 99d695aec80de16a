/** Signs of the checks: shape first, colour second. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'

const PATHS = {
  must: html`<rect x=".8" y=".8" width="16.4" height="16.4" rx="3" /><path d="M5.4 5.4l7.2 7.2M12.6 5.4l-7.2 7.2" />`,
  look: html`<rect x=".8" y=".8" width="16.4" height="16.4" rx="3" /><path d="M5 9h8" />`,
  ok: html`<circle cx="9" cy="9" r="7.6" /><path d="M5.6 9.2l2.4 2.4 4.4-4.8" />`,
}

/** Square with a cross: must change. Square with a dash: look. Round tick: holds. */
export function Sign({ level }) {
  const words = { must: t('Must change'), look: t('Worth a look'), ok: t('Holds') }
  return html`<svg class="plan-sign plan-sign-${level}" viewBox="0 0 18 18" width="18" height="18" role="img">
    <title>${words[level]}</title>
    ${PATHS[level]}
  </svg>`
}

/** A head with a thin line to its end, and what stands beside it. */
export function Head({ title, n, children }) {
  return html`<div class="plan-section-head"><h3>${title}${n !== undefined && html`<span>${n}</span>`}</h3><i></i>${children}</div>`
}

/** What stands where nothing stands yet: why, and what fills it. */
export const Nothing = ({ why, fills }) => html`<div class="plan-nothing"><p>${why}</p><p>${fills}</p></div>`

/** A wait of unknown length; the style sheet shows it after 200 ms. */
export const Waiting = ({ rows = 3 }) => html`<div class="plan-waiting" role="status" aria-label=${t('Loading')}>
  ${Array.from({ length: rows }, (_, i) => html`<i key=${i}></i>`)}
</div>`

/** A part of a card: its head line, with a grey remark at the right. */
import { html } from '../vendor/preact.js'

export function Section({ title, beside, children }) {
  return html`<section aria-label=${title}>
    <div class="section-head"><h3>${title}</h3>${beside !== undefined && html`<span>${beside}</span>`}</div>
    ${children}
  </section>`
}

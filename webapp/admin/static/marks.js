/** Small drawings of this page. */
import { html } from '../vendor/preact.js'

const drawing = (body, size) => html`<svg class="icon" viewBox="0 0 20 20" width=${size} height=${size} aria-hidden="true" focusable="false">${body}</svg>`

export const FileMark = ({ size = 20 }) => drawing(html`<path d="M5 2.5h6.5L15.5 6.5v11H5zM11.5 2.5v4h4" />`, size)
export const InMark = ({ size = 20 }) => drawing(html`<path d="M10 13.5V4M6.2 7.6 10 3.8l3.8 3.8M3.5 12.5v4h13v-4" />`, size)
export const OutMark = ({ size = 20 }) => drawing(html`<path d="M10 3.8v9.7M6.2 9.9l3.8 3.8 3.8-3.8M3.5 12.5v4h13v-4" />`, size)

/** Round tick: holds. */
export const TickMark = () => html`<svg class="sign sign-holds" viewBox="0 0 18 18" width="18" height="18" aria-hidden="true"><circle cx="9" cy="9" r="7.6" /><path d="M5.6 9.2l2.4 2.4 4.4-4.8" /></svg>`

/** Square with a cross: must change. With a dash: look. */
export function FlawMark({ grave, title }) {
  return html`<svg class="sign ${grave ? 'sign-grave' : 'sign-slight'}" viewBox="0 0 18 18" width="18" height="18" role="img">
    <title>${title}</title>
    <rect x=".8" y=".8" width="16.4" height="16.4" rx="3" />
    <path d=${grave ? 'M5.4 5.4l7.2 7.2M12.6 5.4l-7.2 7.2' : 'M5 9h8'} />
  </svg>`
}

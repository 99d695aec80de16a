/** Photos of an incident: before and after by name, those on their way as a sentence. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { photoWord } from '../shared/words.js'

const shownAt = (sha256, size) => `/api/v1/media/${sha256}/shown${size ? `?size=${size}` : ''}`

export function IncidentPhotos({ photos }) {
  if (!photos.length) return null
  return html`<section class="part" aria-label=${t('Photos')}>
    <h2 class="part-title">${t('Photos')} <span>${t('%(n)s taken', { n: photos.length })}</span></h2>
    <ul class="photos">
      ${photos.map(
        ({ sha256, role, state }) => html`<li key=${`${sha256} ${role}`}>
          ${state === 'stored'
            ? html`<a href=${shownAt(sha256)} target="_blank" rel="noopener"><img src=${shownAt(sha256, 'thumb')} alt=${photoWord(role)} loading="lazy" /></a>`
            : html`<span class="coming">${t('on its way')}</span>`}
          <span class="photo-role">${photoWord(role)}</span>
        </li>`,
      )}
    </ul>
  </section>`
}

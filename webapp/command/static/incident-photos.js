/** The photos of an incident in a strip; a click opens one large inside of the card. */
import { html, useState } from '../vendor/preact.js'
import { photoAddress } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { Section } from './section.js'
import { moment } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { photoWord } from '../shared/words.js'

/**
 * @param {{ photos: { sha256: string, role: string, at: string, taken_at: string|null, by: string,
 *           state: 'stored'|'missing', coarse: boolean }[] }} props
 */
export function Photos({ photos }) {
  const [open, setOpen] = useState(null)
  if (!photos?.length) return null
  const shown = photos.find((photo) => keyOf(photo) === open && photo.state === 'stored')
  const toggle = (photo) => setOpen(shown === photo ? null : keyOf(photo))
  return html`<${Section} title=${t('Photos')} beside=${photos.length}>
    <ul class="photos">${photos.map((photo) => html`<li key=${keyOf(photo)}><${Thumb} photo=${photo} open=${photo === shown} onOpen=${() => toggle(photo)} /></li>`)}</ul>
    ${shown && html`<${Large} photo=${shown} onClose=${() => setOpen(null)} />`}
    ${photos.some((photo) => photo.coarse && photo.state === 'stored') && html`<p class="why">${t('Faces and plates are hidden: the photos are coarse.')}</p>`}
  <//>`
}

/** The same photo may stand with a report and with a step. */
const keyOf = ({ sha256, role, by }) => `${by}:${role}:${sha256}`

function Thumb({ photo, open, onOpen }) {
  if (photo.state === 'missing') {
    return html`<div class="photo missing"><${Icon} name="photo" size=${20} /><span>${t('on its way')}</span><b>${photoWord(photo.role)}</b></div>`
  }
  return html`<button class="photo" aria-expanded=${open ? 'true' : 'false'} onClick=${onOpen}>
    <img src=${photoAddress(photo.sha256, 'thumb')} alt="" loading="lazy" /><b>${photoWord(photo.role)}</b>
  </button>`
}

function Large({ photo, onClose }) {
  const { zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 60_000) * 60_000)
  const [broken, setBroken] = useState(null)
  const when = moment(Date.parse(photo.taken_at ?? photo.at), now, zone)
  const told = photo.taken_at ? t('taken %(time)s', { time: when }) : when
  return html`<figure class="photo-large">
    ${broken === photo.sha256
      ? html`<p role="alert">${t('This photo cannot be shown just now.')}</p>`
      : html`<img key=${photo.sha256} src=${photoAddress(photo.sha256)} alt=${t('%(role)s, %(time)s', { role: photoWord(photo.role), time: told })} onError=${() => setBroken(photo.sha256)} />`}
    <figcaption><span>${photoWord(photo.role)} · ${told}</span><button class="button small" onClick=${onClose}>${t('Close the photo')}</button></figcaption>
  </figure>`
}

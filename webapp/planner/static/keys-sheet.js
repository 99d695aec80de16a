/** All keys at a glance; the sheet lies over the panel at the right, never over the map's middle. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { keyList } from './keys.js'

export function KeysSheet({ onClose }) {
  const sheet = useRef()
  useEffect(() => sheet.current.focus(), [])
  return html`<aside class="keys-sheet" ref=${sheet} tabindex="-1" aria-label=${t('All keys')}>
    <header class="card-title">
      <h2>${t('All keys')}</h2>
      <button class="tool" aria-label=${t('Close the list')} onClick=${onClose}><${Icon} name="close" /></button>
    </header>
    ${keyList().map(
      ([title, keys]) => html`<section key=${title}>
        <h3>${title}</h3>
        <dl>
          ${keys.map(
            ([names, what]) => html`<div key=${what}>
              <dt>${names.map((name) => html`<kbd key=${name}>${name}</kbd>`)}</dt>
              <dd>${what}</dd>
            </div>`,
          )}
        </dl>
      </section>`,
    )}
  </aside>`
}

/** All keys of a page at a glance; the sheet lies over the panel at the right, never over the map's middle. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { t } from './i18n.js'
import { Icon } from './icons.js'

/** @param {{ groups: [string, [string[], string][]][], onClose: () => void }} properties  titles with keys and what they do */
export function KeysSheet({ groups, onClose, children }) {
  const sheet = useRef()
  useEffect(() => sheet.current.focus(), [])
  return html`<aside class="keys-sheet" ref=${sheet} tabindex="-1" aria-label=${t('All keys')}>
    <header class="card-title">
      <h2>${t('All keys')}</h2>
      <button class="tool" aria-label=${t('Close the list')} onClick=${onClose}><${Icon} name="close" /></button>
    </header>
    ${groups.map(
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
    ${children}
  </aside>`
}

/** All keys at a glance; the sheet lies over the panel at the right, never over the map's middle. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { keyList } from './keys.js'
import { useChosen, usePage } from './use-store.js'

export function KeysSheet() {
  const { actions } = usePage()
  const open = useChosen((state) => state.keysOpen)
  const singleKeys = useChosen((state) => state.singleKeys)
  const sheet = useRef()
  useEffect(() => open && sheet.current.focus(), [open])
  if (!open) return null
  return html`<aside class="keys-sheet" ref=${sheet} tabindex="-1" aria-label=${t('All keys')}>
    <header class="card-title">
      <h2>${t('All keys')}</h2>
      <button class="tool" aria-label=${t('Close the list')} onClick=${actions.closeKeys}><${Icon} name="close" /></button>
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
    <label class="switch">
      <input type="checkbox" checked=${singleKeys} onChange=${(event) => actions.prefer({ singleKeys: event.currentTarget.checked })} />
      <span>${t('Single keys act at once. Switched off, only Esc, Enter and the arrows do.')}</span>
    </label>
  </aside>`
}

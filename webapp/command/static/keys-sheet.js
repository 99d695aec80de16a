/** All keys of the command screen, and whether single ones act. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { KeysSheet as Sheet } from '../shared/keys-sheet.js'
import { keyList } from './keys.js'
import { useChosen, usePage } from './use-store.js'

export function KeysSheet() {
  const { actions } = usePage()
  const open = useChosen((state) => state.keysOpen)
  const singleKeys = useChosen((state) => state.singleKeys)
  if (!open) return null
  return html`<${Sheet} groups=${keyList()} onClose=${actions.closeKeys}>
    <label class="switch">
      <input type="checkbox" checked=${singleKeys} onChange=${(event) => actions.prefer({ singleKeys: event.currentTarget.checked })} />
      <span>${t('Single keys act at once. Switched off, only Esc, Enter and the arrows do.')}</span>
    </label>
  <//>`
}

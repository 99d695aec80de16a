/** News at the top right of the map: at most two, the older ones in one line; they never take the focus. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon, Severity } from '../shared/icons.js'
import { ago } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { classText, whereText } from '../shared/words.js'

const SHOWN = 2

export function Toasts() {
  const { store } = usePage()
  const toasts = useChosen((state) => state.toasts)
  const now = useChosen((state) => state.now)
  const rows = useChosen((state) => state.rows)
  const shown = toasts.slice(0, SHOWN).map((toast) => rows.find((row) => row.id === toast.id))
  const open = (id) => store.dispatch({ type: 'select', selection: { kind: 'incident', id } })
  const older = toasts.length - SHOWN
  return html`<div class="toasts" role="status" aria-live="polite">
    ${shown.map(
      (incident, i) => html`<div key=${incident.id} class="toast">
        <${Severity} severity=${incident.severity} />
        <b>${classText(incident)}</b>
        <span>${whereText(incident)} <i aria-hidden="true">· ${ago(Date.parse(incident.occurred_at), now)}</i></span>
        <button class="link" onClick=${() => open(incident.id)}>${t('Look')}${i === 0 && html`<kbd>N</kbd>`}</button>
        <button class="tool" aria-label=${t('Dismiss')} onClick=${() => store.dispatch({ type: 'dismiss', id: incident.id })}>
          <${Icon} name="close" size=${16} />
        </button>
      </div>`,
    )}
    ${older > 0 &&
    html`<div class="toast toast-older">
      <span>${t('%(n)s more', { n: older })}</span>
      <button class="link" onClick=${() => store.dispatch({ type: 'dismissAll' })}>${t('Dismiss all')}</button>
    </div>`}
  </div>`
}

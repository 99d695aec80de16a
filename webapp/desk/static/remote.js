/** The body of a panel that reads from the server: waiting, failed, empty, or its rows. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { GreyRows } from '../command/empty.js'

/** @param {{ remote: object, label: string, empty: [string, string], children: (found: any) => any }} props */
export function Remote({ remote: { found, failed, again }, label, empty, children }) {
  return html`<div class="queue-rows" tabindex="0" role="region" aria-label=${label} aria-busy=${found || failed ? 'false' : 'true'}>
    ${!found && !failed && html`<${GreyRows} />`}
    ${failed && html`<div class="empty" role="alert"><p>${failed}</p><button class="button" onClick=${again}>${t('Load again')}</button></div>`}
    ${found?.length === 0 && html`<div class="empty" role="status"><p>${empty[0]}</p><p>${empty[1]}</p></div>`}
    ${found?.length > 0 && children(found)}
  </div>`
}

/** The command page: top bar, queue, map, card. */
import { html } from '../vendor/preact.js'
import { Card } from './card.js'
import { Bulk } from './bulk.js'
import { DayBar } from './day-bar.js'
import { DutySheet } from './duty-sheet.js'
import { KeysSheet } from './keys-sheet.js'
import { MapPanel } from './map-panel.js'
import { Numbers } from './numbers.js'
import { PhoneTabs } from './phone-tabs.js'
import { Queue } from './queue.js'
import { Topbar } from './topbar.js'
import { Page, useChosen } from './use-store.js'

export function App({ page }) {
  return html`<${Page.Provider} value=${page}><${Desk} /><//>`
}

function Desk() {
  const sheet = useChosen((state) => state.sheet)
  return html`<div class="command" data-sheet=${sheet}>
    <${Topbar} />
    <${MapPanel} />
    <${Queue} />
    <${DayBar} />
    <${Card} />
    <${Bulk} />
    <div class="numbers-sheet"><${Numbers} large /></div>
    <${KeysSheet} />
    <${DutySheet} />
    <${PhoneTabs} />
  </div>`
}

/** What departments and townships owe; units are counted, people never. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure, nameOf } from '../shared/words.js'
import { Remote } from './remote.js'
import * as requests from './requests.js'
import { useRemote } from './use-remote.js'

export function UnitsPanel() {
  const remote = useRemote(requests.units)
  const empty = [t('Nothing is open.'), t('A unit appears here while it has something in hand.')]
  return html`<${Remote} remote=${remote} label=${t('Overdue by unit')} empty=${empty}>
    ${(units) => html`<table class="units">
      <thead><tr><th>${t('Unit')}</th><th class="number">${t('Overdue')}</th><th class="number">${t('Open')}</th><th class="number">${t('Returned')}</th></tr></thead>
      <tbody>
        ${units.map(
          (unit) => html`<tr key=${`${unit.kind} ${unit.code}`}>
            <th scope="row">${unit.code ? nameOf(unit) : t('In no township')}<small>${unit.kind === 'department' ? t('Department') : t('With no department')}</small></th>
            <td class="number ${unit.overdue ? 'alarming' : ''}">${figure(unit.overdue)}</td><td class="number">${figure(unit.open)}</td><td class="number">${figure(unit.returned)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
    <p class="why units-why">${t('Counted now, by who has it in hand. Units are counted, people never.')}</p>`}
  <//>`
}

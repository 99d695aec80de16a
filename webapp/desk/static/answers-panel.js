/** How departments answered whistles since the month began: in time, there in time, silent. Offices are counted, people never. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { dayOf, instantOf, monthOf } from '../shared/time.js'
import { figure, nameOf } from '../shared/words.js'
import { useChosen, usePage } from '../command/use-store.js'
import { Remote } from './remote.js'
import * as requests from './requests.js'
import { useRemote } from './use-remote.js'

export function AnswersPanel() {
  const { zone } = usePage()
  const first = useChosen((state) => `${dayOf(state.now, zone).slice(0, 7)}-01`)
  const remote = useRemote(() => requests.whistleFigures(instantOf(`${first}T00:00`, zone)))
  const month = monthOf(Date.parse(`${first}T12:00Z`))
  const empty = [t('No whistle was blown in %(month)s.', { month }), t('A department appears here once it is called to a place.')]
  return html`<${Remote} remote=${remote} label=${t('Answers to whistles')} empty=${empty}>
    ${(departments) => html`<table class="units">
      <caption>${month}</caption>
      <thead><tr><th>${t('Department')}</th><th class="number">${t('Times called')}</th><th class="number">${t('Answered in time')}</th><th class="number">${t('There in time')}</th><th class="number">${t('Silent')}</th></tr></thead>
      <tbody>
        ${departments.map(
          ({ department, called, acknowledged, arrived, silent }) => html`<tr key=${department.code}>
            <th scope="row">${nameOf(department)}</th>
            <td class="number">${figure(called)}</td><${Share} share=${acknowledged} /><${Share} share=${arrived} />
            <td class="number ${silent ? 'alarming' : ''}">${figure(silent)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
    <p class="why units-why">${t('Of those that are due: what still has time counts neither for nor against, and who refused with a reason need not arrive.')}</p>`}
  <//>`
}

function Share({ share: { in_time: kept, of } }) {
  return html`<td class="number">${of ? html`${t('%(n)s of %(all)s', { n: figure(kept), all: figure(of) })}<small>${Math.round((100 * kept) / of)}%</small>` : '–'}</td>`
}

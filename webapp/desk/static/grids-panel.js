/** The grids of this desk with the people who answer for them, and what is open in each. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure, kindWord, nameOf, positionOf } from '../shared/words.js'
import { useChosen, usePage } from '../command/use-store.js'
import { Remote } from './remote.js'
import * as requests from './requests.js'
import { useRemote } from './use-remote.js'

/** Grids with their people, by the code of the grid. */
async function load() {
  const [grids, staff] = await Promise.all([requests.grids(), requests.staff()])
  const people = Map.groupBy ? Map.groupBy(staff, codeOf) : grouped(staff)
  return grids.map((grid) => ({ ...grid, people: people.get(grid.code) ?? [] }))
}

const codeOf = (person) => person.grid?.code ?? null

/** For browsers that cannot group by themselves. */
function grouped(staff) {
  const groups = new Map()
  for (const person of staff) groups.set(codeOf(person), [...(groups.get(codeOf(person)) ?? []), person])
  return groups
}

export function GridsPanel() {
  const { store } = usePage()
  const selection = useChosen((state) => state.selection)
  const remote = useRemote(load)
  const empty = [t('No grid is yours.'), t('Grids appear here once an administrator gives you an area.')]
  const open = (code) => store.dispatch({ type: 'select', selection: { kind: 'grid', id: code } })
  return html`<${Remote} remote=${remote} label=${t('Grids and people')} empty=${empty}>
    ${(grids) => html`<ul class="desk-rows">
      ${grids.map(
        (grid) => html`<li key=${grid.code}>
          <button class=${selection?.id === grid.code ? 'selected' : ''} onClick=${() => open(grid.code)}>
            <span class="desk-row-first"><b>${nameOf(grid)}</b><i class="state">${kindWord(grid.kind)}</i><em>${t('%(n)s open', { n: figure(grid.open) })}${grid.overdue > 0 && html` · <strong>${t('%(n)s overdue', { n: figure(grid.overdue) })}</strong>`}</em></span>
            <span class="desk-row-second">${grid.people.length ? grid.people.map((person) => `${nameOf(person)} ${positionOf(person)}`).join(' · ') : t('Nobody is assigned here.')}</span>
          </button>
        </li>`,
      )}
    </ul>`}
  <//>`
}

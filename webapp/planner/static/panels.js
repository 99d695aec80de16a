/** The panels beside the map: on the left the plans, or the open plan with its way; on the right what it does. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure } from '../shared/words.js'
import { CheckList } from './panel-check.js'
import { EditList, UndoLast } from './panel-edits.js'
import { PlanHead } from './panel-head.js'
import { ImpactTable, LoadBars, MoveLists } from './panel-impact.js'
import { Notes } from './panel-notes.js'
import { may, standingOf } from './panel-page.js'
import { PlanList } from './panel-plans.js'
import { Proposals } from './panel-proposals.js'
import { RebaseBand } from './panel-rebase.js'
import { SideTabs, ZonesPanel } from './panel-zones.js'
import { RowsDrawer } from './panel-rows.js'
import { StepBar } from './panel-steps.js'

export function LeftPanels({ state, actions }) {
  const { plan, edits, notes } = state
  if (!plan) {
    const Content = state.side === 'zones' ? ZonesPanel : PlanList
    return html`<div class="plan-side">
      <${SideTabs} state=${state} actions=${actions} />
      <div class="plan-side-scroll"><${Content} state=${state} actions=${actions} /></div>
    </div>`
  }
  return html`<div class="plan-side plan-side-left" key=${plan.id}>
    <${PlanHead} state=${state} actions=${actions} />
    <${Parts} state=${state} actions=${actions} edits=${standingOf(edits).length} comments=${notes.filter(({ kind }) => kind === 'comment').length} />
    <${StepBar} state=${state} actions=${actions} />
  </div>`
}

/** What belongs to a plan, one part at a time: its edits, what was said, what is proposed. */
function Parts({ state, actions, edits, comments }) {
  const [part, setPart] = useState('edits')
  const { plan, proposals } = state
  const editable = may(plan, 'edit')
  const parts = [
    { name: 'edits', word: t('Edits'), n: edits, Content: EditList },
    { name: 'notes', word: t('Comments'), n: comments, Content: Notes },
    (editable || proposals.length > 0) && { name: 'proposals', word: t('Proposals'), n: proposals.length, Content: Proposals },
  ].filter(Boolean)
  const { name: shown, Content } = parts.find(({ name }) => name === part) ?? parts[0]
  return html`<nav class="plan-tabs" aria-label=${t('Parts of the plan')}>
      ${parts.map(({ name, word, n }) => html`<button key=${name} aria-current=${shown === name ? 'true' : undefined} onClick=${() => setPart(name)}>${word}${n > 0 && html`<b>${figure(n)}</b>`}</button>`)}
      ${editable && html`<${UndoLast} state=${state} actions=${actions} />`}
    </nav>
    <div class="plan-side-scroll">
      <${RebaseBand} key=${`${plan.base_edition} ${plan.behind}`} state=${state} actions=${actions} />
      <${Content} state=${state} actions=${actions} />
    </div>`
}

export function RightPanels({ state, actions }) {
  const [opened, open] = useState(null)
  const opener = useRef(null)
  useEffect(() => open(null), [state.plan.id])
  // What lies under the drawer takes no keys; once it is gone, they are where they were.
  useEffect(() => {
    if (!opened && opener.current?.isConnected) opener.current.focus()
  }, [opened])
  const openRows = (number) => {
    opener.current = document.activeElement
    open(number)
  }
  return html`<div class="plan-side">
    <div class="plan-side-scroll" inert=${opened !== null}>
      <${CheckList} state=${state} actions=${actions} />
      <${ImpactTable} state=${state} actions=${actions} onOpen=${openRows} />
      <${MoveLists} state=${state} onOpen=${openRows} />
      <${LoadBars} state=${state} />
    </div>
    ${opened && html`<${RowsDrawer} state=${state} actions=${actions} opened=${opened} onClose=${() => open(null)} />`}
  </div>`
}

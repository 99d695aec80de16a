/** The edits of a plan, newest first, each with its own undo; what was undone, and what a rebase left out, below. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { hourAndMinute } from '../shared/time.js'
import { figure, nameOf } from '../shared/words.js'
import { may, standingOf } from './panel-page.js'
import { Head, Nothing } from './panel-signs.js'
import { editIcon, editText, editWord } from './panel-words.js'

/** Takes the newest edit back, wherever one reads. */
export function UndoLast({ state, actions }) {
  const none = state.busy || !standingOf(state.edits).length
  return html`<button class="plan-key" disabled=${none} aria-label=${t('Undo the last edit')} title=${t('Undo the last edit')} onClick=${() => actions.undo()}>
    <${Icon} name="undo" size=${16} /><kbd>Ctrl Z</kbd>
  </button>`
}

export function EditList({ state, actions }) {
  const { plan, edits } = state
  const standing = standingOf(edits)
  const undone = edits.filter((edit) => edit.undone && !edit.set_aside)
  const aside = edits.filter((edit) => edit.set_aside)
  const editable = may(plan, 'edit')
  return html`<section class="plan-panel edit-list" aria-label=${t('Edits')}>
    ${!edits.length && html`<${Nothing} why=${t('Nothing is changed yet.')} fills=${editable ? t('Drag a border on the map, or choose a tool above it.') : t('Edits of its author appear here.')} />`}
    <ol>
      ${standing.map((edit) => html`<${Row} key=${edit.id} edit=${edit} state=${state} actions=${actions} deed=${editable && 'undo'} />`)}
    </ol>
    ${aside.length > 0 &&
    html`<${Head} title=${t('Left out by the rebase')} n=${figure(aside.length)} />
      <ol>
        ${aside.map((edit) => html`<${Row} key=${edit.id} edit=${edit} state=${state} actions=${actions} deed=${false} />`)}
      </ol>`}
    ${undone.length > 0 &&
    html`<${Head} title=${t('Undone')} n=${figure(undone.length)} />
      <ol class="edits-undone">
        ${undone.map((edit) => html`<${Row} key=${edit.id} edit=${edit} state=${state} actions=${actions} deed=${editable && 'redo'} />`)}
      </ol>`}
  </section>`
}

function Row({ edit, state, actions, deed }) {
  const word = editWord(edit.op)
  const ids = edit.grids.map((grid) => grid.id)
  const isChosen = ids.length > 0 && ids.length === state.selection.length && ids.every((id) => state.selection.includes(id))
  const look = () => {
    actions.choose(ids)
    actions.show(ids)
  }
  return html`<li class="edit-row" aria-current=${isChosen ? 'true' : undefined}>
    <button class="edit-main" onClick=${look} title=${tellWho(edit, state)}>
      <${Icon} name=${editIcon(edit.op)} size=${18} />
      <span>
        <b>${edit.undone ? html`<s>${word}</s>` : word}</b>
        <span class="edit-second">${editText(edit)}</span>
        ${edit.set_aside && html`<span class="edit-aside">${edit.set_aside}</span>`}
      </span>
    </button>
    ${deed &&
    html`<button class="tool" disabled=${state.busy} aria-label=${deedWord(deed, word)} title=${deedWord(deed, word)} onClick=${() => actions[deed](edit.id)}>
      <${Icon} name=${deed} size=${16} />
    </button>`}
  </li>`
}

const deedWord = (deed, edit) => (deed === 'undo' ? t('Undo: %(edit)s', { edit }) : t('Redo: %(edit)s', { edit }))

const tellWho = (edit, state) => [edit.by && nameOf(edit.by), hourAndMinute(Date.parse(edit.at), state.zone)].filter(Boolean).join(' · ')

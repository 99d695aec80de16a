/** The tools of the planner, one in hand at a time; what lines are drawn to; before and after; back and forth. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { keyOfTool } from './keys.js'
import { SNAPS } from './store.js'

const TOOLBAR = ['move', 'split', 'merge', 'hand-over', 'carve', 'straighten', 'reshape', 'rename']

const toolWords = () => ({
  move: t('Move edge'),
  split: t('Split'),
  merge: t('Merge'),
  'hand-over': t('Hand over'),
  carve: t('Carve out'),
  straighten: t('Straighten'),
  reshape: t('Redraw stretch'),
  rename: t('Rename'),
})
const snapWords = () => ({ streets: t('Roads'), buildings: t('Buildings'), grids: t('Neighbours') })

export function Toolbar({ state, actions }) {
  const edits = state.plan.can.includes('edit')
  return html`<div class="floating toolbar" role="toolbar" aria-label=${t('Tools')}>
    ${edits && html`<${Tools} state=${state} actions=${actions} />`}
    <span class="rule"></span>
    <button class="tool-button" aria-pressed=${String(state.compare === 'swipe')} title=${`${t('Before and after')} (B)`} onClick=${() => actions.compare(state.compare === 'off' ? 'swipe' : 'off')}>
      <${Icon} name="swipe" size=${18} /><span>${t('Compare')}</span>
    </button>
  </div>`
}

function Tools({ state, actions }) {
  const words = toolWords()
  const done = state.edits.some(({ undone, set_aside: aside }) => !undone && !aside)
  const undone = state.edits.some((edit) => edit.undone)
  return html`
    <button class="tool-button icon-only" aria-label=${t('Take back')} title=${`${t('Take back')} (Ctrl Z)`} disabled=${!done} onClick=${() => actions.undo()}><${Icon} name="undo" size=${18} /></button>
    <button class="tool-button icon-only" aria-label=${t('Do it again')} title=${`${t('Do it again')} (Ctrl Shift Z)`} disabled=${!undone} onClick=${() => actions.redo()}><${Icon} name="redo" size=${18} /></button>
    <span class="rule"></span>
    ${TOOLBAR.map(
      (name) => html`<button
        key=${name}
        class="tool-button"
        aria-pressed=${String(state.tool === name)}
        title=${`${words[name]} (${keyOfTool(name)})`}
        onClick=${() => actions.useTool(state.tool === name ? 'look' : name)}
      >
        <${Icon} name=${name} size=${18} /><span>${words[name]}</span>
      </button>`,
    )}
    <span class="rule"></span>
    <${Snapping} snapping=${state.snapping} actions=${actions} />`
}

/** Each kind of thing for itself; the magnet switches them all. */
function Snapping({ snapping, actions }) {
  const words = snapWords()
  const any = SNAPS.some((name) => snapping[name])
  return html`<div class="snapping" role="group" aria-label=${t('Draw to')}>
    <button class="tool-button icon-only" aria-pressed=${String(any)} aria-label=${t('Draw to what is near')} title=${`${t('Draw to what is near')} (G)`} onClick=${() => actions.snap('all')}><${Icon} name="magnet" size=${18} /></button>
    ${SNAPS.map(
      (name) => html`<button key=${name} class="snap" aria-pressed=${String(snapping[name])} onClick=${() => actions.snap(name)}>${words[name]}</button>`,
    )}
  </div>`
}

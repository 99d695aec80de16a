/** The rows behind a number of the impact: what goes from where to where, page by page. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { figure, nameOf } from '../shared/words.js'
import { takeFocus } from './panel-form.js'
import { Nothing, Waiting } from './panel-signs.js'
import { figureWord, gridText } from './panel-words.js'

/**
 * @param {{ opened: { kind: string, grid: object|null }, onClose: () => void }} properties  `grid` null: all that moves
 */
export function RowsDrawer({ state, actions, opened, onClose }) {
  const { kind, grid } = opened
  const [rows, take] = useState({ items: null, next: null })
  const key = `${kind} ${grid?.id} ${state.drawn.n}`
  useEffect(() => {
    let wanted = true
    take({ items: null, next: null })
    actions.rows(kind, { grid: grid?.id }).then((page) => wanted && page && take(page))
    return () => {
      wanted = false
    }
  }, [key])
  const more = async () => {
    const page = await actions.rows(kind, { next: rows.next })
    if (page) take({ items: [...rows.items, ...page.items], next: page.next })
  }
  const onKey = (event) => {
    if (event.key !== 'Escape') return
    event.stopPropagation()
    onClose()
  }
  return html`<section class="plan-panel plan-drawer" tabindex="-1" ref=${takeFocus} aria-label=${figureWord(kind)} aria-busy=${rows.items ? 'false' : 'true'} onKeyDown=${onKey}>
    <header>
      <h2>${figureWord(kind)}${grid && html`<span>${gridText(grid)}</span>`}</h2>
      <button class="tool" aria-label=${t('Close the list')} title=${t('Close the list')} onClick=${onClose}><${Icon} name="close" /></button>
    </header>
    <div class="plan-drawer-scroll">
      ${!rows.items && html`<${Waiting} rows=${6} />`}
      ${rows.items?.length === 0 && html`<${Nothing} why=${t('Nothing of this moves.')} fills=${t('What goes to another grid stands here with where from and where to.')} />`}
      <ul>
        ${rows.items?.map((row) => html`<${Row} key=${row.id} row=${row} actions=${actions} />`)}
      </ul>
      ${rows.next && html`<button class="button small" disabled=${state.busy} onClick=${more}>${t('Load more')}</button>`}
    </div>
  </section>`
}

function Row({ row, actions }) {
  const ends = [row.from, row.to].filter(Boolean).map(endText)
  const body = html`<b>${nameOf(row) || row.id}</b><span>${[row.number, ends.join(' → ')].filter(Boolean).join(' · ')}</span>`
  const n = row.households === undefined || row.households === null ? null : figure(row.households)
  if (!row.place) return html`<li class="moved-row"><span>${body}</span>${n && html`<em>${n}</em>`}</li>`
  return html`<li class="moved-row">
    <button title=${t('Show on the map')} onClick=${() => actions.show(row.place)}>${body}</button>${n && html`<em>${n}</em>`}
  </li>`
}

const endText = (end) => (typeof end === 'string' ? end : gridText(end))

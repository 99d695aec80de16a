/** The list that is open: incidents, or what else this desk keeps. */
import { html, useEffect, useMemo, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure } from '../shared/words.js'
import { GreyRows } from '../command/empty.js'
import { IncidentRow } from '../command/incident-row.js'
import { isAsked } from '../command/queue-rows.js'
import { useChosen, usePage } from '../command/use-store.js'
import { AnswersPanel } from './answers-panel.js'
import { ContestedPanel } from './contested-panel.js'
import { GridsPanel } from './grids-panel.js'
import { LadderPanel } from './ladder-panel.js'
import { emptyWords, listWord, PANELS, rowsOf } from './lists.js'
import { RecordPanel } from './record-panel.js'
import { UnitsPanel } from './units-panel.js'
import { WhistlesPanel } from './whistles-panel.js'

const OTHERS = { answers: AnswersPanel, contested: ContestedPanel, grids: GridsPanel, ladder: LadderPanel, record: RecordPanel, units: UnitsPanel, whistles: WhistlesPanel }
const SHOWN_AT_ONCE = 100

export function Panel() {
  const list = useChosen((state) => state.list)
  const Other = OTHERS[list]
  return html`<section class="queue desk-panel">
    <header class="queue-head">
      <div class="queue-title"><h2>${listWord(list)}</h2></div>
    </header>
    ${PANELS.includes(list) ? html`<${Other} key=${list} />` : html`<${Incidents} key=${list} list=${list} />`}
  </section>`
}

function Incidents({ list }) {
  const { store, actions } = usePage()
  const known = useChosen((state) => state.rows)
  const work = useChosen((state) => state.work)
  const complete = useChosen((state) => state.complete)
  const failed = useChosen((state) => state.listError)
  const cursor = useChosen((state) => state.cursor)
  const selection = useChosen((state) => state.selection)
  const waits = useChosen((state) => state.me.waits)
  const now = useChosen((state) => Math.floor(state.now / 15_000) * 15_000)
  const [most, show] = useState(SHOWN_AT_ONCE)
  const scroller = useRef()
  const rows = useMemo(() => (work ? rowsOf(list, known, { now, work, waits }) : []), [list, known, work, waits, now])
  useEffect(() => actions.listed(rows.slice(0, most).map(({ id }) => id)), [rows, most])
  useEffect(() => scroller.current.querySelector('.at-cursor')?.scrollIntoView({ block: 'nearest' }), [cursor])

  const waiting = !rows.length && !(complete && work) && !failed
  return html`<div class="queue-rows" ref=${scroller} role="listbox" tabindex="0" aria-label=${listWord(list)} aria-busy=${waiting ? 'true' : 'false'} aria-activedescendant=${cursor ? `row-${cursor}` : undefined}>
    ${waiting && html`<${GreyRows} />`}
    ${failed && html`<div class="empty" role="alert"><p>${failed}</p><p>${t('What is on the screen may be old.')}</p><button class="button" onClick=${actions.reload}>${t('Load again')}</button></div>`}
    ${!rows.length && !waiting && !failed && html`<${Nothing} words=${emptyWords(list)} />`}
    ${rows.slice(0, most).map(
      (row, i) => html`<${IncidentRow}
        key=${row.id}
        id=${`row-${row.id}`}
        incident=${row}
        waiting=${isAsked(row, waits)}
        selected=${selection?.id === row.id}
        atCursor=${cursor === row.id}
        position=${i + 1}
        size=${rows.length}
        onOpen=${(id) => store.dispatch({ type: 'select', selection: { kind: 'incident', id } })}
      />`,
    )}
    ${rows.length > most && html`<button class="button more" onClick=${() => show(most + SHOWN_AT_ONCE)}>${t('Show more of %(n)s', { n: figure(rows.length) })}</button>`}
  </div>`
}

export function Nothing({ words: [why, fills] }) {
  return html`<div class="empty" role="status"><p>${why}</p><p>${fills}</p></div>`
}

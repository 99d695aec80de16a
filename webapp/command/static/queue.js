/** The left panel: what needs a hand, the most urgent first, in a window over however many rows there are. */
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { EmptyList, GreyRows } from './empty.js'
import { IncidentRow } from './incident-row.js'
import { DevicesSilent, PeopleOnDuty } from './queue-lists.js'
import { CHIPS, countChips, filterRows, groupByDeadline, isWaiting, layOut, within } from './queue-rows.js'
import { useChosen, usePage } from './use-store.js'
import { figure } from '../shared/words.js'

const HEAD_HEIGHT = 38
const OVERSCAN = 400

const chipWords = () => ({
  all: t('All'),
  hand: t('Your turn'),
  file: t('To file'),
  filed: t('To dispatch'),
  handling: t('In hand'),
  check: t('To check'),
  doubt: t('Unsure'),
  mine: t('Mine'),
})

const titles = () => ({
  overdue: t('Overdue'),
  today: t('New today'),
  people: t('Staff'),
  silent: t('Devices silent'),
})

const groupWords = () => ({
  overdue: t('Overdue'),
  hour: t('Within the hour'),
  undated: t('No clock yet'),
  today: t('Today'),
  later: t('Later'),
  paused: t('Suspended'),
  closed: t('Closed today'),
})

/** The panel with its head; what it lists depends on the filter. */
export function Queue() {
  const { actions } = usePage()
  const show = useChosen((state) => state.show)
  const title = titles()[show]
  return html`<section class="queue" aria-label=${t('Needs a hand')}>
    <header class="queue-head">
      ${title ? html`<${ListTitle} title=${title} onBack=${() => actions.show('all')} />` : html`<${QueueTitle} />`}
      <${Chips} />
    </header>
    ${show === 'people' ? html`<${PeopleOnDuty} />` : show === 'silent' ? html`<${DevicesSilent} />` : html`<${Rows} />`}
    <footer class="queue-foot" aria-hidden="true">
      <span><kbd>J</kbd><kbd>K</kbd>${t('move')}</span><span><kbd>↵</kbd>${t('open it')}</span>
      <span><kbd>X</kbd>${t('mark')}</span><span><kbd>?</kbd>${t('all keys')}</span>
    </footer>
  </section>`
}

function QueueTitle() {
  const total = useChosen((state) => state.total)
  return html`<div class="queue-title">
    <h2>${t('Needs a hand')}</h2>
    <span>${total === null ? '' : t('%(n)s open', { n: figure(total) })}</span>
    <em>${t('by deadline')}</em>
  </div>`
}

function ListTitle({ title, onBack }) {
  return html`<div class="queue-title">
    <h2>${title}</h2>
    <button class="link" onClick=${onBack}>${t('Back to the queue')}</button>
  </div>`
}

/** Counts are of all that is loaded; the total of the server stands in until that is complete. */
function Chips() {
  const { actions, zone } = usePage()
  const rows = useChosen((state) => state.rows)
  const mine = useChosen((state) => state.mine)
  const show = useChosen((state) => state.show)
  const complete = useChosen((state) => state.complete)
  const total = useChosen((state) => state.total)
  const waits = useChosen((state) => state.me.waits)
  const counts = useMemo(() => countChips(rows, { mine, waits, zone, now: 0 }), [rows, mine, waits, zone])
  const known = { ...counts, all: total ?? counts.all }
  const words = chipWords()
  return html`<div class="chips" role="group" aria-label=${t('Show')}>
    ${CHIPS.map(
      (name) =>
        html`<button key=${name} class="chip" aria-pressed=${show === name ? 'true' : 'false'} onClick=${() => actions.show(name)}>
          ${words[name]}${' '}<b>${complete || name === 'all' ? figure(known[name]) : '…'}</b>
        </button>`,
    )}
  </div>`
}

/** How much larger than usual text is set in this browser: rows are as high in the style sheet, in rem. */
function textScale() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
}

/** The groups that the present filter leaves. A minute's step is fine enough to sort rows into groups. */
function useSheet() {
  const { zone } = usePage()
  const rows = useChosen((state) => state.rows)
  const mine = useChosen((state) => state.mine)
  const show = useChosen((state) => state.show)
  const closedToday = useChosen((state) => state.closedToday)
  const now = useChosen((state) => Math.floor(state.now / 15_000) * 15_000)
  const phone = useChosen((state) => state.phone)
  const waits = useChosen((state) => state.me.waits)
  return useMemo(() => {
    const context = { now, zone, mine, waits }
    const groups = groupByDeadline(filterRows(rows, show, context), context)
    if (show === 'today' && closedToday?.length) groups.push({ name: 'closed', rows: closedToday })
    const scale = textScale()
    return layOut(groups, { rowHeight: (phone ? 68 : 60) * scale, headHeight: HEAD_HEIGHT * scale })
  }, [rows, mine, waits, show, closedToday, now, zone, phone])
}

function Rows() {
  const { store, actions } = usePage()
  const scroller = useRef()
  const [from, setFrom] = useState(0)
  const [height, setHeight] = useState(800)
  const sheet = useSheet()
  const cursor = useChosen((state) => state.cursor)
  const selection = useChosen((state) => state.selection)
  const show = useChosen((state) => state.show)
  const complete = useChosen((state) => state.complete)
  const failed = useChosen((state) => state.listError)
  const toasts = useChosen((state) => state.toasts)
  const marked = useChosen((state) => state.marked)
  const waits = useChosen((state) => state.me.waits)

  useLayoutEffect(() => {
    const watch = new ResizeObserver(([entry]) => setHeight(entry.contentRect.height))
    watch.observe(scroller.current)
    return () => watch.disconnect()
  }, [])
  useEffect(() => {
    scroller.current.scrollTop = 0
  }, [show])
  useEffect(() => bringIntoSight(scroller.current, sheet, cursor), [cursor])
  useEffect(() => actions.listed(sheet.ids), [sheet])

  const seen = within(sheet.entries, from - OVERSCAN, from + height + OVERSCAN)
  const waiting = !sheet.ids.length && !complete && !failed
  const words = groupWords()
  return html`<div
    class="queue-rows"
    ref=${scroller}
    role="listbox"
    tabindex="0"
    aria-label=${t('Open incidents')}
    aria-busy=${waiting ? 'true' : 'false'}
    aria-activedescendant=${seen.some(({ key }) => key === cursor) ? `row-${cursor}` : undefined}
    onScroll=${(event) => setFrom(event.currentTarget.scrollTop)}
  >
    ${waiting && html`<${GreyRows} />`}
    ${!sheet.ids.length && !waiting && html`<${EmptyList} show=${show} failed=${failed} onRetry=${actions.reload} onAll=${() => actions.show('all')} />`}
    <div class="queue-sheet" style=${{ height: `${sheet.height}px` }} role="presentation">
      ${seen.map((entry) =>
        entry.type === 'group'
          ? html`<div key=${entry.key} class="group" style=${{ transform: `translateY(${entry.top}px)` }} role="presentation">
              <span>${words[entry.name]} ${figure(entry.n)}</span>
            </div>`
          : html`<${IncidentRow}
              key=${entry.key}
              id=${`row-${entry.key}`}
              incident=${entry.row}
              style=${{ transform: `translateY(${entry.top}px)` }}
              selected=${selection?.id === entry.key}
              marked=${marked.includes(entry.key)}
              waiting=${isWaiting(entry.row, waits)}
              atCursor=${cursor === entry.key}
              fresh=${toasts.some((toast) => toast.id === entry.key)}
              position=${entry.at + 1}
              size=${sheet.ids.length}
              onOpen=${(id) => store.dispatch({ type: 'select', selection: { kind: 'incident', id } })}
              onMark=${actions.toggleMark}
            />`,
      )}
    </div>
  </div>`
}

/** Scroll no more than needed for the row at the cursor to be whole. */
function bringIntoSight(scroller, sheet, cursor) {
  const entry = cursor && sheet.entries.find((candidate) => candidate.key === cursor)
  if (!entry) return
  const bottom = entry.top + 72
  if (entry.top - HEAD_HEIGHT < scroller.scrollTop) scroller.scrollTop = Math.max(0, entry.top - HEAD_HEIGHT)
  else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight
}

/** The catalogue at a desk: its tables on the left, the rows of one in the middle, one rule, a file or a trial on the right. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { figure } from '../shared/words.js'
import { show, shown } from './address.js'
import { CalendarYear } from './calendar-year.js'
import { RuleFile } from './catalogue-file.js'
import { RuleForm } from './catalogue-form.js'
import { RuleList } from './catalogue-list.js'
import { RuleCard } from './catalogue-row.js'
import { TryOut } from './catalogue-tryout.js'
import { Topbar } from './topbar.js'

const FIRST = 'categories'

export function CataloguePage({ me }) {
  const [book, take] = useState({ items: null, today: '', example: false, problem: null })
  const [name, choose] = useState(shown('table') || FIRST)
  const [wish, look] = useState({ q: shown('q'), list: shown('list'), as_of: shown('as_of'), category: shown('category') })
  const [side, turn] = useState(shown('try') ? { what: 'try' } : null)
  const [round, setRound] = useState(0)
  const load = async () => {
    try {
      take({ ...(await api.get('/catalogue')), problem: null })
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      take({ ...book, problem })
    }
  }
  useEffect(() => {
    load()
  }, [])
  const writes = me.can.includes('catalogue.write')
  const table = book.items?.find((one) => one.name === name) ?? book.items?.[0]
  const search = (values) => {
    look({ ...wish, ...values })
    show(values)
  }
  const setTable = (next, values = {}) => {
    const kept = { q: '', list: '', as_of: wish.as_of, category: '', ...values }
    choose(next)
    look(kept)
    turn(null)
    show({ table: next === FIRST ? null : next, ...kept, try: null })
  }
  const leave = () => {
    turn(null)
    show({ try: null })
  }
  const tryOut = () => {
    turn({ what: 'try' })
    show({ try: '1' })
  }
  /** After something was written: the counts and the rows are others. */
  const written = () => {
    load()
    setRound(round + 1)
  }
  const shared = { table, book, me, writes, wish, onLeave: leave, onTurn: turn, onWritten: written }
  return html`<div class="command register catalogue" data-open=${side ? '' : undefined}>
    <${Topbar} me=${me} here="catalogue" />
    <${Tables} book=${book} chosen=${table?.name} tries=${side?.what === 'try'} onChoose=${setTable} onTry=${tryOut} />
    <main class="list-panel">
      ${book.problem && html`<p class="failure" role="alert">${book.problem.message}</p>`}
      ${table && (table.name === 'calendar-days'
        ? html`<${CalendarYear} key=${round} ...${shared} onSearch=${search} chosen=${side?.row?.day} />`
        : html`<${RuleList} key=${`${table.name} ${round}`} ...${shared} chosen=${side?.row} onSearch=${search} />`)}
    </main>
    <aside class="detail-panel" aria-label=${t('Rule')}>
      ${table && html`<${Side} side=${side} shared=${shared} onGo=${setTable} />`}
    </aside>
  </div>`
}

function Side({ side, shared, onGo }) {
  const { table, writes } = shared
  if (side === null) return html`<p class="empty">${writes ? t('Choose a rule on the left, add one, or bring a file.') : t('Choose a rule on the left to see what it says and what it said before.')}</p>`
  if (side.what === 'try') return html`<${TryOut} ...${shared} />`
  if (side.what === 'file') return html`<${RuleFile} key=${table.name} ...${shared} />`
  const key = `${table.name} ${side.row?.id ?? JSON.stringify(side.given ?? {})}`
  if (side.what === 'form') return html`<${RuleForm} key=${key} ...${shared} row=${side.row} given=${side.given} names=${side.names} into=${side.into} />`
  return html`<${RuleCard} key=${key} ...${shared} row=${side.row} names=${side.names} onGo=${onGo} />`
}

/** The tables with how many rules are in force; on a phone a list to choose from. */
function Tables({ book, chosen, tries, onChoose, onTry }) {
  const tables = book.items ?? []
  return html`<nav class="rule-tables" aria-label=${t('Tables of rules')}>
    <ul>
      ${tables.map(({ name, title, in_force: n, coming }) => html`<li key=${name}>
        <button aria-current=${name === chosen ? 'page' : undefined} onClick=${() => onChoose(name)}>
          <span>${title}</span><span class="figures">${coming > 0 && html`<i title=${t('%(n)s coming', { n: coming })}>+${figure(coming)}</i>`}${figure(n)}</span>
        </button>
      </li>`)}
    </ul>
    <label class="table-choice">${t('Table')}
      <select value=${chosen} onChange=${(event) => onChoose(event.target.value)}>${tables.map(({ name, title, in_force: n }) => html`<option key=${name} value=${name}>${title} · ${figure(n)}</option>`)}</select>
    </label>
    <button class="button try" aria-pressed=${tries ? 'true' : 'false'} onClick=${onTry}>${t('Try the rules out')}</button>
  </nav>`
}

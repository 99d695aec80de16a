/** The rows of a table of rules: searched, narrowed to a list, as of a day; classes as a tree. */
import { html, useState } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { figure } from '../shared/words.js'
import { ClassTree } from './class-tree.js'
import { Cell, calledBy, daysText, ownName, rowKey, standingOf, standingWord } from './catalogue-words.js'
import { DeedFoot, useDeed } from './deed.js'
import { Rows, SearchBox } from './list-panel.js'
import { usePaged } from './paged.js'

/** Which fields stand in the list of a table, the first one leading; the others are on the card. */
const SHOWN = {
  duties: ['category', 'area', 'list', 'owner', 'assisting'],
  needs: ['category', 'step', 'photos'],
  checklists: ['code', 'category'],
  'checklist-items': ['code', 'checklist', 'answer', 'needed'],
  reasons: ['code', 'list'],
  wordings: ['code', 'use', 'category'],
  calendars: ['code', 'time_zone'],
  'work-hours': ['opens', 'closes', 'calendar'],
  'calendar-years': ['year', 'calendar', 'source'],
  clocks: ['stage', 'category', 'note'],
  'call-terms': ['what', 'grade'],
  'supervision-rules': ['cause', 'tier'],
  'look-back-rules': ['days', 'category'],
  'rectify-terms': ['severity'],
}

export function RuleList({ table, book, writes, wish, chosen, onSearch, onTurn }) {
  const day = wish.as_of || book.today
  const whole = table.name === 'categories'
  // A tree is only one as a whole.
  const list = usePaged(`/catalogue/${table.name}`, { ...wish, limit: whole ? 500 : 100 })
  const open = (key) => {
    const row = list.items.find((one) => rowKey(one) === key)
    onTurn({ what: 'row', row, names: list.names })
  }
  const empty = wish.q || wish.list || wish.as_of || wish.category ? t('No rule is like that. Look for less, or on another day.') : t('There are no rules in this table yet.')
  return html`<${ListHead} table=${table} writes=${writes} wish=${wish} onTurn=${onTurn} />
    ${book.example && ['categories', 'duties', 'checklists', 'checklist-items', 'needs'].includes(table.name) && html`<p class="note example">${t('These rows are an example. Put your own in their place before you rely on them.')}</p>`}
    <${Tools} table=${table} wish=${wish} names=${list.names} onSearch=${onSearch} />
    ${whole && list.items?.length > 0
      ? html`<${ClassTree} rows=${list.items} names=${list.names} day=${day} open=${Boolean(wish.q || wish.list)} chosen=${chosen?.id} onChoose=${open} />`
      : html`<${Rows} title=${table.title} columns=${columnsOf(table, list.names, day)} list=${list} keyOf=${rowKey} chosen=${chosen && rowKey(chosen)} onChoose=${open} empty=${empty} />`}`
}

/** The title, how many rules there are, and what may be done with the whole table. */
export function ListHead({ table, writes, wish, onTurn, children }) {
  const deed = useDeed()
  const take = (format) => deed.run(() => api.download(`/catalogue/${table.name}/export`, { format, as_of: table.ends ? wish.as_of : '' }))
  const about = table.ends ? t('%(n)s in force · %(coming)s coming · %(ended)s ended', { n: figure(table.in_force), coming: figure(table.coming), ended: figure(table.ended) }) : t('%(n)s rows', { n: figure(table.rows) })
  return html`<div class="list-head">
      <h1>${table.title}</h1><span class="meta">${about}</span>
      <div class="buttons head-buttons">
        ${children}
        <span class="export" role="group" aria-label=${t('Take the table away')}>
          <button class="button" disabled=${deed.busy} onClick=${() => take('xlsx')}>Excel</button><button class="button" disabled=${deed.busy} onClick=${() => take('csv')}>CSV</button>
        </span>
        ${writes && html`<button class="button" onClick=${() => onTurn({ what: 'file' })}>${t('Bring a file')}</button>
        <button class="button primary" onClick=${() => onTurn({ what: 'form', given: {}, names: {} })}>${t('Add a rule')}</button>`}
      </div>
    </div>
    <${DeedFoot} deed=${deed} />`
}

function Tools({ table, wish, names, onSearch }) {
  const by = table.fields.find(({ name }) => name === table.by)
  const [typed, type] = useState(wish.q)
  const find = (q) => {
    type(q)
    onSearch({ q })
  }
  const word = (value) => by.choices.find((choice) => choice.value === value)?.title ?? (value ? calledBy(names, by.refers, value) : t('none above'))
  return html`<div class="list-tools">
    <${SearchBox} value=${typed} label=${t('Text in any column')} onInput=${find} />
    ${by && Object.keys(table.lists).length > 1 && html`<label class="inline">${by.title}
      <select value=${wish.list} onChange=${(event) => onSearch({ list: event.target.value })}>
        <option value="">${t('all')}</option>
        ${Object.entries(table.lists).filter(([value]) => value).map(([value, n]) => html`<option key=${value} value=${value}>${word(value)} · ${figure(n)}</option>`)}
      </select>
    </label>`}
    ${table.ends && html`<label class="inline">${t('As of')}<input type="date" value=${wish.as_of} onInput=${(event) => onSearch({ as_of: event.target.value })} /></label>`}
    ${wish.category && html`<button class="button" onClick=${() => onSearch({ category: '' })}>${t('Class %(code)s only: show all', { code: wish.category })}</button>`}
  </div>`
}

function columnsOf(table, names, day) {
  const fields = (SHOWN[table.name] ?? table.fields.slice(0, 4).map(({ name }) => name)).map((name) => table.fields.find((field) => field.name === name))
  const columns = fields.map((field, at) => ({ name: at === 0 ? 'name' : field.name, word: field.title, cell: (row) => (at === 0 ? html`<${Lead} table=${table} row=${row} field=${field} names=${names} />` : html`<${Cell} row=${row} field=${field} names=${names} />`) }))
  if (!table.ends) return columns
  return [...columns, { name: 'days', word: t('Days in force'), cell: (row) => html`<${Holds} row=${row} day=${day} />` }]
}

/** What a rule is called first: its sentence, its name, or the thing it is about. */
function Lead({ table, row, field, names }) {
  if (row.says?.length > 0) return html`<b>${row.says[0]}</b>`
  if (table.name === 'clocks') return html`<b>${`${row.stage} ${row.amount} ${row.unit}`}</b>`
  const own = table.fields.some(({ name }) => name === 'name') && ownName(row)
  if (own) return html`<b>${own}</b><span class="code">${row.code}</span>`
  return html`<b>${field.refers ? calledBy(names, field.refers, row[field.name]) : row[field.name]}</b>${field.refers && html`<span class="code">${row[field.name]}</span>`}`
}

function Holds({ row, day }) {
  const standing = standingOf(row, day)
  return html`<span class="standing-${standing}">${daysText(row)}</span>${standing !== 'now' && html`<span class="meta">${standingWord(standing)}</span>`}`
}

/** One rule: what it says, what it said before, and changing or ending it. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { cellText, daysText, ownName, standingOf, standingWord } from './catalogue-words.js'
import { Confirm } from './confirm.js'
import { useDeed } from './deed.js'

/** Where else a class of matter is spoken of. */
const ABOUT_A_CLASS = ['duties', 'needs', 'checklists', 'clocks', 'look-back-rules']

export function RuleCard({ table, book, writes, row, names, onTurn, onLeave, onWritten, onGo }) {
  const [ends, end] = useState(false)
  const standing = standingOf(row, book.today)
  const changes = writes && standing !== 'ended'
  return html`<header class="card-head">
      <div><h2>${titleOf(table, row, names)}</h2><p class="meta">${table.title}${table.ends && ` · ${standingWord(standing)}`}</p></div>
      <button class="tool" aria-label=${t('Close the card')} onClick=${onLeave}><${Icon} name="close" /></button>
    </header>
    ${row.says?.length > 0 && html`<section class="card-part rule-sentence">${row.says.map((sentence) => html`<p key=${sentence}>${sentence}</p>`)}</section>`}
    <section class="card-part">
      <dl class="facts">
        ${table.fields.filter(({ name }) => name !== 'since' && name !== 'until').map((field) => html`<div key=${field.name}><dt>${field.title}</dt><dd>${cellText(row, field, names) || '–'}${field.refers && field.refers !== 'departments' && row[field.name] ? html` <span class="code meta">${row[field.name]}</span>` : ''}</dd></div>`)}
        ${table.ends && html`<div><dt>${t('Days in force')}</dt><dd>${daysText(row)}</dd></div>`}
      </dl>
      ${changes && !ends && html`<div class="buttons">
        <button class="button primary" onClick=${() => onTurn({ what: 'form', row, names })}>${t('Change')}</button>
        ${table.ends && html`<button class="button" onClick=${() => end(true)}>${t('End it')}</button>`}
      </div>`}
      ${ends && html`<${EndForm} table=${table} row=${row} today=${book.today} onLeave=${() => end(false)} onEnded=${() => { onLeave(); onWritten() }} />`}
    </section>
    ${table.name === 'categories' && html`<section class="card-part"><h3>${t('What is said of this class')}</h3>
      <div class="buttons">${book.items.filter(({ name }) => ABOUT_A_CLASS.includes(name)).map(({ name, title }) => html`<button key=${name} class="button" onClick=${() => onGo(name, { category: row.code })}>${title}</button>`)}</div>
    </section>`}
    ${table.name === 'checklists' && html`<section class="card-part"><div class="buttons"><button class="button" onClick=${() => onGo('checklist-items', { list: row.code })}>${t('Its questions')}</button></div></section>`}
    ${table.dated && html`<${History} table=${table} row=${row} today=${book.today} />`}
    ${!table.dated && html`<section class="card-part"><p class="explained">${t('This table keeps one row for each code. What it was called before stands in the audit log.')}</p></section>`}`
}

/** What a rule is called: its own name, or the things that are its key. */
function titleOf(table, row, names) {
  const own = table.fields.some(({ name }) => name === 'name') && ownName(row)
  if (own) return own
  const parts = table.key.map((name) => {
    const field = table.fields.find((one) => one.name === name)
    const words = cellText(row, field, names)
    // A number alone says nothing.
    return field.sort === 'count' && words ? `${field.title} ${words}` : words
  })
  return parts.filter(Boolean).join(' · ')
}

/** Every row for the same thing, the newest first. */
function History({ table, row, today }) {
  const [items, take] = useState(null)
  const [problem, fail] = useState(null)
  useEffect(() => {
    const line = new AbortController()
    read(table, row, line.signal).then(take, (error) => {
      if (line.signal.aborted) return
      if (!(error instanceof Problem)) throw error
      fail(error)
    })
    return () => line.abort()
  }, [])
  if (problem) return html`<section class="card-part"><p class="failure" role="alert">${problem.message}</p></section>`
  return html`<section class="card-part"><h3>${t('Day by day')}</h3>
    <ol class="history">
      ${items?.rows.map((each) => html`<li key=${each.id} aria-current=${each.id === row.id ? 'true' : undefined}>
        <b>${daysText(each)}</b> <span class="chip-small">${standingWord(standingOf(each, today))}</span>
        <p>${each.says?.[0] ?? valuesText(table, each, items.names)}</p>
      </li>`)}
    </ol>
  </section>`
}

async function read(table, row, signal) {
  const narrow = row.category ? { category: row.category } : table.by ? { list: row[table.by] } : {}
  const { items, names } = await api.get(`/catalogue/${table.name}`, { ...narrow, limit: 500 }, { signal })
  const rows = items.filter((each) => table.key.every((name) => each[name] === row[name]))
  return { rows: rows.sort((one, other) => (one.since < other.since ? 1 : -1)), names }
}

const valuesText = (table, row, names) =>
  table.fields.filter(({ name }) => !table.key.includes(name) && name !== 'since' && name !== 'until').map((field) => cellText(row, field, names)).filter(Boolean).join(' · ')

function EndForm({ table, row, today, onLeave, onEnded }) {
  const [day, setDay] = useState(row.since > today ? row.since : today)
  const deed = useDeed()
  const end = () => deed.run(async () => {
    await api.post(`/catalogue/${table.name}/rows/${encodeURIComponent(row.id)}/end`, { day })
    onEnded()
  })
  const sentence = row.since && day <= row.since ? t('It has not begun by then, and is taken back.') : t('From that day on it holds no more. What began under it stays under it.')
  return html`<div class="sheet-form"><label>${t('First day without it')}<input type="date" value=${day} min=${today} required onInput=${(event) => setDay(event.target.value)} /></label>
    <${Confirm} deed=${deed} verb=${t('End the rule')} sentence=${sentence} onYes=${end} onLeave=${onLeave} /></div>`
}

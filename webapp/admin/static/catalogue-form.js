/** Writing a rule or changing one: first what would come of it, then the button that writes. */
import { html, useState } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { CodeField } from './code-field.js'
import { Consequences } from './consequences.js'
import { DeedFoot, useCreation, useDeed } from './deed.js'

const DAYS = ['since', 'until']

/**
 * @param {{ table: object, book: object, row?: object, given?: object, names: object, into?: string,
 *           onLeave: () => void, onWritten: () => void }} props
 *   `given`: what is filled in for a new row; `into`: another table that it is written into
 */
export function RuleForm({ table: shown, book, row, given = {}, names = {}, into, onLeave, onWritten }) {
  const table = into ? book.items.find(({ name }) => name === into) : shown
  const [said, say] = useState({ ...blank(table), ...given, ...row })
  const [effective, setDay] = useState(row?.since > book.today ? row.since : book.today)
  const [told, tell] = useState(null)
  const deed = useDeed()
  const create = useCreation()
  const set = (name, value) => {
    say({ ...said, [name]: value })
    tell(null)
  }
  const body = { row: cellsOf(table, said), ...((table.dated || !row) && table.ends && { effective }) }
  const preview = (event) => {
    event.preventDefault()
    deed.run(async () => tell(await api.post(`/catalogue/${table.name}/rows?preview=1`, { id: crypto.randomUUID(), ...body })))
  }
  const write = () => deed.run(async () => {
    await create((id) => api.post(`/catalogue/${table.name}/rows`, { id, ...body }))
    onLeave()
    onWritten()
  })
  const defectOf = (name) => told?.defects.listed.find(({ column }) => column === name)?.sentence
  // A change of a rule that is in force takes effect on a day; the name of a thing changes at once.
  const asksDay = table.ends && (table.dated || !row)
  return html`<form class="card-form rule-form" onSubmit=${preview}>
    <header class="card-head"><div><h2>${row ? t('Change the rule') : t('Add a rule')}</h2><p class="meta">${table.title}</p></div><button type="button" class="tool" aria-label=${t('Close the card')} onClick=${onLeave}><${Icon} name="close" /></button></header>
    ${asksDay && html`<label>${t('Takes effect on')}<input type="date" value=${effective} min=${book.today} required onInput=${(event) => { setDay(event.target.value); tell(null) }} /><span class="explained">${row ? t('Until then the rule holds as it is.') : t('Days before stay as they are.')}</span></label>`}
    ${table.fields.filter(({ name }) => !DAYS.includes(name)).map((field) => html`<${OneField} key=${field.name} field=${field} value=${said[field.name] ?? ''} names=${names} locked=${Boolean(row) && (table.key.includes(field.name) || field.fixed)} defect=${defectOf(field.name)} onSay=${(value) => set(field.name, value)} />`)}
    ${table.ends && html`<label>${fieldOf(table, 'until').title}<input type="date" value=${said.until ?? ''} min=${effective} onInput=${(event) => set('until', event.target.value)} /><span class="explained">${fieldOf(table, 'until').meaning}</span></label>`}
    ${told === null && html`<div class="buttons"><button class="button primary" disabled=${deed.busy}>${t('See what would change')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>`}
    ${told && html`<${Consequences} told=${told} table=${table} names=${names} deed=${deed} verb=${t('Write the rule')} onYes=${write} onLeave=${() => tell(null)} />`}
    ${told === null && html`<${DeedFoot} deed=${deed} />`}
  </form>`
}

const fieldOf = (table, wanted) => table.fields.find(({ name }) => name === wanted)

/** The first choice that is needed is made for nobody: it stays empty until somebody says it. */
const blank = (table) => Object.fromEntries(table.fields.map(({ name }) => [name, '']))

function cellsOf(table, said) {
  const cells = table.fields.filter(({ name }) => name !== 'since').map(({ name }) => [name, said[name] === '' || said[name] === undefined ? null : said[name]])
  return Object.fromEntries(cells)
}

function OneField({ field, value, names, locked, defect, onSay }) {
  const { name, title, meaning, sort, needed, choices, refers } = field
  const label = needed ? `${title} *` : title
  const note = html`${defect ? html`<span class="warned" role="alert">${defect}</span>` : html`<span class="explained">${meaning}</span>`}`
  if (refers && refers !== 'departments') return html`<${CodeField} label=${label} kind=${refers} value=${value} names=${names} locked=${locked} needed=${needed} note=${note} onSay=${onSay} />`
  if (choices.length > 0) {
    return html`<label>${label}<select value=${value} disabled=${locked} required=${needed} onChange=${(event) => onSay(event.target.value)}>
      ${(!needed || value === '') && html`<option value="">–</option>`}
      ${choices.map((choice) => html`<option key=${choice.value} value=${choice.value} selected=${choice.value === String(value)}>${choice.title}</option>`)}
    </select>${note}</label>`
  }
  const type = name === 'day' ? 'date' : ['number', 'count'].includes(sort) ? 'number' : ['opens', 'closes'].includes(name) ? 'time' : 'text'
  return html`<label>${label}<input type=${type} value=${value} disabled=${locked} required=${needed} step=${type === 'number' ? 'any' : undefined} maxlength="2000" spellcheck=${false} autocomplete="off" onInput=${(event) => onSay(event.target.value)} />${note}</label>`
}

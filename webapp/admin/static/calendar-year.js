/** A year of a calendar: the days off and the days worked in their place, each of them a button. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { locale, t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { nameOf } from '../shared/words.js'
import { show, shown } from './address.js'
import { ListHead } from './catalogue-list.js'
import { dayText } from './catalogue-words.js'
import { DeedFoot, useDeed } from './deed.js'

const DAY_MS = 86_400_000
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }

const isoOf = (at) => new Date(at).toISOString().slice(0, 10)
const atOf = (day) => Date.parse(`${day}T00:00:00Z`)
/** 0 is Monday: weeks begin with it here. */
const weekdayOf = (day) => (new Date(atOf(day)).getUTCDay() + 6) % 7

export function CalendarYear({ table, book, writes, wish, chosen, onSearch, onTurn }) {
  const [year, setYear] = useState(Number(shown('year')) || Number(book.today.slice(0, 4)))
  const [found, take] = useState(null)
  const [names, call] = useState([])
  const deed = useDeed()
  const calendar = wish.list || Object.keys(table.lists)[0] || names[0]?.code || ''
  const load = () => deed.run(async () => {
    const days = await api.get('/catalogue/calendar-days', { list: calendar, q: `${year}-`, limit: 500 })
    const years = await api.get('/catalogue/calendar-years', { list: calendar, limit: 500 })
    take({ days: new Map(days.items.map((row) => [row.day, row])), year: years.items.find((one) => Number(one.year) === year) })
  })
  useEffect(() => {
    load()
  }, [calendar, year])
  useEffect(() => {
    deed.run(async () => call((await api.get('/catalogue/choices', { of: 'calendar' })).items))
  }, [])
  const turnTo = (next) => {
    setYear(next)
    show({ year: String(next) })
  }
  const open = (day) => {
    const row = found.days.get(day)
    if (row) return onTurn({ what: 'row', row, names: {} })
    return writes && onTurn({ what: 'form', given: { calendar, day, kind: weekdayOf(day) > 4 ? 'work' : 'rest' }, names: {} })
  }
  const enter = () => onTurn({ what: 'form', into: 'calendar-years', given: { calendar, year: String(year) }, names: {} })
  return html`<${ListHead} table=${table} writes=${writes} wish=${wish} onTurn=${onTurn} />
    <div class="list-tools">
      <span class="year-turn"><button class="button" aria-label=${t('The year before')} onClick=${() => turnTo(year - 1)}><${Icon} name="back" size=${16} /></button><b>${year}</b><button class="button" aria-label=${t('The year after')} onClick=${() => turnTo(year + 1)}><${Icon} name="forward" size=${16} /></button></span>
      ${names.length > 1 && html`<label class="inline">${t('Calendar')}<select value=${calendar} onChange=${(event) => onSearch({ list: event.target.value })}>${names.map((one) => html`<option key=${one.code} value=${one.code}>${nameOf(one)}</option>`)}</select></label>`}
      <span class="year-legend"><i class="day-rest"></i>${t('day off')}<i class="day-work"></i>${t('worked in its place')}</span>
    </div>
    ${found && html`<p class="note example">${found.year ? t('All days of %(year)s are known: %(source)s', { year, source: found.year.source }) : t('The days of %(year)s are not entered. Deadlines that reach into it are provisional.', { year })} ${!found.year && writes && html`<button class="link" onClick=${enter}>${t('All its days are entered')}</button>`}</p>`}
    <${DeedFoot} deed=${deed} />
    ${found && html`<${Year} year=${year} days=${found.days} today=${book.today} chosen=${chosen} writes=${writes} onChoose=${open} />`}`
}

/** One stop for the tabulator key; the arrows lead from day to day. */
function Year({ year, days, today, chosen, writes, onChoose }) {
  const box = useRef()
  const [at, stand] = useState(chosen?.startsWith(`${year}-`) ? chosen : today.startsWith(`${year}-`) ? today : `${year}-01-01`)
  const walk = (event) => {
    const step = STEPS[event.key]
    if (!step) return
    const next = isoOf(atOf(at) + step * DAY_MS)
    if (!next.startsWith(`${year}-`)) return
    event.preventDefault()
    stand(next)
    box.current.querySelector(`[data-day="${next}"]`).focus()
  }
  const choose = (day) => {
    stand(day)
    onChoose(day)
  }
  const months = [...Array(12)].map((_, month) => month)
  return html`<div class="rows-scroll year" ref=${box} onKeyDown=${walk}>
    ${months.map((month) => html`<${Month} key=${month} year=${year} month=${month} days=${days} today=${today} chosen=${chosen} at=${at} writes=${writes} onChoose=${choose} />`)}
  </div>`
}

function Month({ year, month, days, today, chosen, at, writes, onChoose }) {
  const first = Date.UTC(year, month, 1)
  const all = []
  for (let one = first; new Date(one).getUTCMonth() === month; one += DAY_MS) all.push(isoOf(one))
  const name = new Intl.DateTimeFormat(locale(), { month: 'long', timeZone: 'UTC' }).format(first)
  const short = new Intl.DateTimeFormat(locale(), { weekday: 'narrow', timeZone: 'UTC' })
  const weeks = []
  const padded = [...Array(weekdayOf(all[0])).fill(null), ...all]
  for (let from = 0; from < padded.length; from += 7) weeks.push(padded.slice(from, from + 7))
  return html`<table class="month" aria-label=${`${name} ${year}`}>
    <caption>${name}</caption>
    <thead><tr>${[...Array(7)].map((_, n) => html`<th key=${n}>${short.format(Date.UTC(2024, 0, 1 + n))}</th>`)}</tr></thead>
    <tbody>${weeks.map((week, n) => html`<tr key=${n}>${week.map((day, slot) => (day === null ? html`<td key=${slot}></td>` : html`<td key=${slot}><${Day} day=${day} row=${days.get(day)} isToday=${day === today} on=${day === chosen} stops=${day === at} writes=${writes} onChoose=${onChoose} /></td>`))}</tr>`)}</tbody>
  </table>`
}

function Day({ day, row, isToday, on, stops, writes, onChoose }) {
  const usual = weekdayOf(day) > 4 ? 'week-end' : 'plain'
  const word = row ? `${(locale() === 'en' && row.name_en) || row.note}, ${row.kind === 'rest' ? t('day off') : t('worked in its place')}` : usual === 'plain' ? t('work-day') : t('week-end')
  return html`<button data-day=${day} class="day day-${row?.kind ?? usual} ${isToday ? 'is-today' : ''}" tabindex=${stops ? 0 : -1} aria-pressed=${on ? 'true' : 'false'} aria-disabled=${!row && !writes ? 'true' : undefined} aria-label=${`${dayText(day)}: ${word}`} title=${row ? word : undefined} onClick=${() => onChoose(day)}>${Number(day.slice(8))}</button>`
}

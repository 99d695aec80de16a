/** How rules are worded: codes by their names, choices by their titles, days as people say them. */
import { html } from '../vendor/preact.js'
import { locale, t } from '../shared/i18n.js'
import { date } from '../shared/time.js'
import { nameOf } from '../shared/words.js'

const DAY_MS = 86_400_000

/** 2026年3月1日, of a day as the server writes it. */
export const dayText = (day) => date(Date.parse(`${day}T00:00:00Z`), 'UTC')

/** The last day on which something holds that ends on a day. */
export const lastDayText = (until) => date(Date.parse(`${until}T00:00:00Z`) - DAY_MS, 'UTC')

/** @returns {'coming'|'ended'|'now'}  of a row on a day */
export function standingOf({ since, until }, day) {
  if (since && since > day) return 'coming'
  return until && until <= day ? 'ended' : 'now'
}

export const standingWord = (standing) => ({ coming: t('coming'), ended: t('ended'), now: t('in force') })[standing]

/** Since when and through when a row holds. */
export function daysText({ since, until }) {
  if (since && until) return t('%(first)s to %(last)s', { first: dayText(since), last: lastDayText(until) })
  if (since) return t('since %(day)s', { day: dayText(since) })
  return until ? t('through %(day)s', { day: lastDayText(until) }) : t('always')
}

/** What a row itself is called; null where its table has no names. */
export const ownName = (row) => (locale() === 'en' && (row.name_en || row.body_en)) || row.name || row.note || null

/**
 * What stands in a field of a row, in words.
 * @param {object} row
 * @param {{ name: string, refers: string|null, choices: { value: string, title: string }[] }} field
 * @param {Record<string, object[]>} names  what codes are called, by kind
 */
export function cellText(row, field, names) {
  const value = row[field.name]
  if (value === undefined || value === null || value === '') return ''
  if (field.refers === 'departments') return String(value).split(', ').map((code) => calledBy(names, 'department', code)).join(t(', '))
  if (field.refers) return calledBy(names, field.refers, value)
  if (field.name === 'since') return dayText(value)
  if (field.name === 'until') return lastDayText(value)
  return field.choices.find((choice) => choice.value === String(value))?.title ?? String(value)
}

/** The name of a code, or the code itself where it has none. */
export function calledBy(names, kind, code) {
  const found = names[kind]?.find((one) => one.code === code)
  return found ? nameOf(found) : code
}

/** A field as a cell of the list: its words, and its code where it has one. */
export function Cell({ row, field, names }) {
  const words = cellText(row, field, names)
  if (!words) return html`<span class="quiet">–</span>`
  if (field.refers && field.refers !== 'departments') return html`<span>${words}</span><span class="code meta">${row[field.name]}</span>`
  return html`<span class=${field.name === 'list' ? `mark-list list-${row.list}` : ''}>${words}</span>`
}

/** The key of a row in one text, as it stands in addresses. */
export const rowKey = (row) => String(row.id)

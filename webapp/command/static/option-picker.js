/** One of many: a line that narrows the list under it. All by keys: type, arrow down, choose. */
import { html, useEffect, useMemo, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'

const SHOWN = 60
const FEW = 7

/**
 * @param {{ label: string, options: { value: string, label: string, beside?: string }[], value: string,
 *           onChoose: (value: string) => void }} props  `beside` is found by the search, too
 */
export function OptionPicker({ label, options, value, onChoose }) {
  const [sought, seek] = useState('')
  const list = useRef()
  const found = useMemo(() => narrowed(options, sought), [options, sought])
  const chosen = options.find((option) => String(option.value) === String(value))
  const type = (event) => {
    const text = event.currentTarget.value
    seek(text)
    const left = narrowed(options, text)
    if (text.trim()) onChoose(left.length ? String(left[0].value) : '')
  }
  // Who types faster than the list arrives means the same as who waits for it.
  useEffect(() => {
    if (sought.trim() && found.length && !chosen) onChoose(String(found[0].value))
  }, [options])
  const onKey = (event) => {
    if (event.key !== 'ArrowDown') return
    event.preventDefault()
    list.current.focus()
  }
  return html`<div class="picker">
    <input type="search" value=${sought} placeholder=${chosen ? chosen.label : ''} aria-label=${t('Search: %(what)s', { what: label })} autocomplete="off" maxlength="40" onInput=${type} onKeyDown=${onKey} />
    <select ref=${list} aria-label=${label} size=${Math.max(2, Math.min(FEW, found.length))} value=${value} onChange=${(event) => onChoose(event.currentTarget.value)}>
      ${found.slice(0, SHOWN).map((option) => html`<option key=${option.value} value=${option.value} selected=${String(option.value) === String(value)}>${option.label}${option.beside ? ` · ${option.beside}` : ''}</option>`)}
    </select>
    <p class="why" role="status">${foundText(found.length, sought)}</p>
  </div>`
}

function foundText(n, sought) {
  if (!n) return t('Nothing is called so.')
  return sought.trim() && n > SHOWN ? t('%(n)s found; type more.', { n }) : ''
}

function narrowed(options, sought) {
  const words = sought.trim().toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) return options
  return options.filter(({ label, beside = '', value }) => {
    const text = `${label} ${beside} ${value}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

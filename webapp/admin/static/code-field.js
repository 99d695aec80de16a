/** A field for the code of something, with the names of what there is to choose from. */
import { html, useEffect, useId, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { nameOf } from '../shared/words.js'
import { calledBy } from './catalogue-words.js'

const TYPING_MS = 200

/**
 * @param {{ label: string, kind: string, value: string, names?: Record<string, object[]>, locked?: boolean,
 *           needed?: boolean, note?: any, onSay: (code: string) => void }} props  `kind`: as `of` of GET /catalogue/choices
 */
export function CodeField({ label, kind, value, names = {}, locked = false, needed = false, note, onSay }) {
  const list = useId()
  const [found, take] = useState([])
  const [asked, ask] = useState(false)
  useEffect(() => {
    if (!asked) return undefined
    const line = new AbortController()
    const timer = setTimeout(async () => {
      try {
        take((await api.get('/catalogue/choices', { of: kind, q: value.trim() }, { signal: line.signal })).items)
      } catch (problem) {
        if (!line.signal.aborted && !(problem instanceof Problem)) throw problem
      }
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
      line.abort()
    }
  }, [value, asked])
  const known = { ...names, [kind]: [...(names[kind] ?? []), ...found] }
  const called = value && calledBy(known, kind, value)
  return html`<label>${label}<input list=${list} value=${value} disabled=${locked} required=${needed} maxlength="64" spellcheck=${false} autocomplete="off" placeholder=${t('Code or name')} onFocus=${() => ask(true)} onInput=${(event) => onSay(event.target.value)} />
    <datalist id=${list}>${found.map((one) => html`<option key=${one.code} value=${one.code}>${nameOf(one)}</option>`)}</datalist>
    ${called && called !== value && html`<span class="called">${called}</span>`}${note}
  </label>`
}

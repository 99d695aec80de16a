/** The search box: grids, areas, incidents, sites, devices and coordinates, from the keyboard alone. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { locale, t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { usePage } from './use-store.js'

const WAIT_MS = 160

const kindWords = () => ({
  grid: t('Grid'),
  area: t('Area'),
  incident: t('Incident'),
  site: t('Site'),
  device: t('Device'),
  place: t('Place'),
})
const ICONS = { grid: 'grid', area: 'map', incident: 'bell', site: 'site', device: 'camera', place: 'pin' }

const inLanguage = (item, field) => (locale() === 'en' && item[`${field}_en`]) || item[field]

/** Ask while one types, at most once in a while, and let the last question win. */
function useAnswers(query) {
  const { actions } = usePage()
  const [answers, setAnswers] = useState({ query: '', items: null, failed: null })
  useEffect(() => {
    const wish = query.trim()
    if (!wish) {
      setAnswers({ query: '', items: null, failed: null })
      return undefined
    }
    const abort = new AbortController()
    const later = setTimeout(() => {
      actions.search(wish, abort.signal).then(
        (items) => setAnswers({ query: wish, items, failed: null }),
        (error) => error.name !== 'AbortError' && setAnswers({ query: wish, items: [], failed: error.message }),
      )
    }, WAIT_MS)
    return () => {
      clearTimeout(later)
      abort.abort()
    }
  }, [query])
  return answers
}

export function Search() {
  const { actions } = usePage()
  const input = useRef()
  const [query, setQuery] = useState('')
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(0)
  const { items, failed } = useAnswers(query)
  useEffect(() => setAt(0), [items])

  const choose = (item) => {
    setOpen(false)
    setQuery('')
    input.current.blur()
    actions.goTo(item)
  }
  const onKey = (event) => {
    const n = items?.length ?? 0
    if (event.key === 'ArrowDown' && n) setAt((at + 1) % n)
    else if (event.key === 'ArrowUp' && n) setAt((at + n - 1) % n)
    else if (event.key === 'Enter' && n && open) choose(items[at])
    else if (event.key === 'Escape') {
      setOpen(false)
      input.current.blur()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const shown = open && query.trim() && items !== null
  return html`<div class="search" role="search">
    <${Icon} name="search" size=${18} />
    <input
      ref=${input}
      id="search"
      type="search"
      role="combobox"
      autocomplete="off"
      spellcheck=${false}
      aria-label=${t('Search')}
      aria-expanded=${shown ? 'true' : 'false'}
      aria-controls="search-answers"
      aria-activedescendant=${shown && items.length ? `answer-${at}` : undefined}
      placeholder=${t('Code, name, address, coordinates')}
      maxlength="200"
      value=${query}
      onInput=${(event) => {
        setQuery(event.currentTarget.value)
        setOpen(true)
      }}
      onFocus=${() => setOpen(true)}
      onBlur=${() => setOpen(false)}
      onKeyDown=${onKey}
    />
    <kbd>/</kbd>
    ${shown && html`<${Answers} items=${items} failed=${failed} at=${at} onChoose=${choose} />`}
  </div>`
}

function Answers({ items, failed, at, onChoose }) {
  const words = kindWords()
  return html`<ul class="answers" id="search-answers" role="listbox" aria-label=${t('Found')}>
    ${!items.length && html`<li class="answers-none" role="presentation">${failed ?? t('Nothing found. Try a code, a name, or “114.2, 35.72”.')}</li>`}
    ${items.map(
      (item, i) => html`<li
        key=${i}
        id=${`answer-${i}`}
        role="option"
        aria-selected=${i === at ? 'true' : 'false'}
        onMouseDown=${(event) => {
          // Before the box loses the focus and the list with it.
          event.preventDefault()
          onChoose(item)
        }}
      >
        <${Icon} name=${ICONS[item.kind] ?? 'pin'} size=${18} />
        <span class="row-main">
          <b>${inLanguage(item, 'title')}</b>
          <span class="row-second">${inLanguage(item, 'subtitle') ?? ''}</span>
        </span>
        <em>${words[item.kind] ?? ''}</em>
      </li>`,
    )}
  </ul>`
}

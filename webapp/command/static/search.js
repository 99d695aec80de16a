/** The search box: grids, areas, incidents, sites, devices and coordinates, from the keyboard alone. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { locale, t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { usePage } from './use-store.js'

const WAIT_MS = 160
/** As many characters as the server reads. */
const MOST_CHARACTERS = 100
const NOTHING_ASKED = { query: '', items: null, failed: null }

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

/**
 * Ask while one types, at most once in a while, and let the last question win.
 * @returns {{ items: object[]|null, failed: string|null, current: boolean }}  not `current` is what was found for
 *   other letters than those that stand there now
 */
function useAnswers(query) {
  const { actions } = usePage()
  const [answers, setAnswers] = useState(NOTHING_ASKED)
  useEffect(() => {
    const wish = query.trim()
    if (!wish) {
      setAnswers(NOTHING_ASKED)
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
  const asked = query.trim()
  return asked ? { ...answers, current: answers.query === asked } : { ...NOTHING_ASKED, current: true }
}

export function Search() {
  const { actions } = usePage()
  const input = useRef()
  const [query, setQuery] = useState('')
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(0)
  const { items, failed, current } = useAnswers(query)
  const [hurried, setHurried] = useState(false)
  useEffect(() => {
    setAt(0)
    // Enter was pressed before the answer was there.
    if (hurried && items?.length) choose(items[0])
    if (items) setHurried(false)
  }, [items])

  const choose = (item) => {
    setOpen(false)
    setQuery('')
    setHurried(false)
    input.current.blur()
    actions.goTo(item)
  }
  const onKey = (event) => {
    const n = items?.length ?? 0
    if (event.key === 'ArrowDown' && n) setAt((at + 1) % n)
    else if (event.key === 'ArrowUp' && n) setAt((at + n - 1) % n)
    else if (event.key === 'Enter' && !current) setHurried(true)
    else if (event.key === 'Enter' && n && open) choose(items[at])
    else if (event.key === 'Escape') {
      setOpen(false)
      setHurried(false)
      input.current.blur()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const asked = open && query.trim() !== ''
  // Older answers stay, in grey, until the new ones come; that nothing was found is told of these letters alone.
  const shown = asked && items !== null && (current || items.length > 0)
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
      maxlength=${MOST_CHARACTERS}
      value=${query}
      onInput=${(event) => {
        setQuery(event.currentTarget.value)
        setHurried(false)
        setOpen(true)
      }}
      onFocus=${() => setOpen(true)}
      onBlur=${() => {
        setOpen(false)
        setHurried(false)
      }}
      onKeyDown=${onKey}
    />
    <kbd>/</kbd>
    ${asked && !shown && html`<p class="answers answers-none" role="status">${t('Searching…')}</p>`}
    ${shown && html`<${Answers} items=${items} failed=${failed} current=${current} at=${at} onChoose=${choose} />`}
  </div>`
}

function Answers({ items, failed, current, at, onChoose }) {
  const words = kindWords()
  return html`<ul class="answers" id="search-answers" role="listbox" aria-label=${t('Found')} aria-busy=${current ? 'false' : 'true'}>
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

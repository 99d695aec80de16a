/** The class of a report: what one reported last as chips, all others behind 更多. */
import { html, useEffect, useMemo, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon, Severity } from '../shared/icons.js'
import { nameOf } from '../shared/words.js'
import { foundCategories, shortList } from './category-list.js'
import { useWorld } from './world.js'

export function CategoryChips({ chosen, onChoose }) {
  const patrol = useWorld((state) => state.patrol)
  const [open, setOpen] = useState(false)
  const short = useMemo(() => shortList(patrol, chosen), [patrol, chosen])
  const more = useRef()
  const close = () => {
    setOpen(false)
    more.current?.focus()
  }
  return html`<section class="part" aria-label=${t('Class')}>
    <h2 class="part-title">${t('Class')} <span>${patrol?.recent.length ? t('used lately') : ''}</span></h2>
    <div class="chips">
      <div class="chips-row" role="group" aria-label=${t('Class')}>
        ${short.map(
          (category) => html`<button key=${category.code} class="chip" aria-pressed=${category.code === chosen?.code ? 'true' : 'false'} onClick=${() => onChoose(category.code)}>
            <${Severity} severity=${category.severity} size=${22} />${nameOf(category)}
          </button>`,
        )}
      </div>
      <button ref=${more} class="chip" aria-haspopup="dialog" onClick=${() => setOpen(true)}>${t('More')}</button>
    </div>
    ${patrol === null && html`<p class="why">${t('The classes are not on this phone yet. Open the page once with network.')}</p>`}
    ${open &&
    html`<${CategorySheet}
      categories=${patrol?.categories ?? []}
      onChoose=${(code) => {
        onChoose(code)
        close()
      }}
      onClose=${close}
    />`}
  </section>`
}

/** All classes by their major class, narrowed as one types. */
function CategorySheet({ categories, onChoose, onClose }) {
  const [query, setQuery] = useState('')
  const groups = useMemo(() => foundCategories(categories, query), [categories, query])
  const field = useRef()
  useEffect(() => {
    field.current.focus()
    const onKey = ({ key }) => key === 'Escape' && onClose()
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return html`<div class="sheet-full" role="dialog" aria-modal="true" aria-label=${t('All classes')}>
    <header class="screen-head">
      <button class="back" aria-label=${t('Close the list')} onClick=${onClose}><${Icon} name="close" size=${24} /></button>
      <label class="search-field"><span class="sr-only">${t('Search classes')}</span><${Icon} name="search" /><input ref=${field} type="search" autocomplete="off" placeholder=${t('Search classes')} value=${query} onInput=${(event) => setQuery(event.currentTarget.value)} /></label>
    </header>
    <div class="sheet-body">
      ${groups.map(
        ({ major, minors }) => html`<section key=${major?.code ?? ''} aria-label=${major ? nameOf(major) : undefined}>
          ${major && html`<h2>${nameOf(major)}</h2>`}
          <ul>
            ${minors.map(
              (category) => html`<li key=${category.code}>
                <button onClick=${() => onChoose(category.code)}><${Severity} severity=${category.severity} size=${22} />${nameOf(category)}</button>
              </li>`,
            )}
          </ul>
        </section>`,
      )}
      ${!groups.length && html`<p class="empty" role="status">${t('No class is called so. Try another word.')}</p>`}
    </div>
  </div>`
}

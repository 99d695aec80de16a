/** The left side of a register: what is looked for, and the rows that were found. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'

/**
 * @param {{ title: string, columns: { name: string, word: string, cell: (item: object) => any }[], list: object,
 *           keyOf: (item: object) => string, chosen: string|null, onChoose: (key: string) => void,
 *           empty: string }} props
 */
export function Rows({ title, columns, list, keyOf, chosen, onChoose, empty }) {
  const { items, more, problem } = list
  if (problem) return html`<p class="failure" role="alert">${problem.message}</p>`
  if (items === null) return html`<div class="bars" aria-hidden="true">${[...Array(8)].map((_, at) => html`<i key=${at}></i>`)}</div>`
  if (items.length === 0) return html`<p class="empty">${empty}</p>`
  return html`<div class="rows-scroll" tabindex="0" role="region" aria-label=${title}>
    <table>
      <thead><tr>${columns.map(({ name, word }) => html`<th key=${name} class="col-${name}">${word}</th>`)}</tr></thead>
      <tbody>
        ${items.map((item) => {
          const key = keyOf(item)
          return html`<tr key=${key} aria-selected=${key === chosen ? 'true' : 'false'} onClick=${() => onChoose(key)}>
            ${columns.map(({ name, cell }, at) => html`<td key=${name} class="col-${name}">${at === 0 ? html`<button onClick=${() => onChoose(key)}>${cell(item)}</button>` : cell(item)}</td>`)}
          </tr>`
        })}
      </tbody>
    </table>
    ${more && html`<button class="button more" onClick=${more}>${t('More')}</button>`}
  </div>`
}

/** A box to search in. */
export function SearchBox({ value, label, onInput }) {
  return html`<div class="search-box"><${Icon} name="search" size=${18} />
    <input type="search" value=${value} aria-label=${label} placeholder=${label} maxlength="100" onInput=${(event) => onInput(event.target.value)} />
  </div>`
}

/** One of a few, side by side. */
export function Chips({ label, options, chosen, onChoose }) {
  return html`<div class="chips" role="group" aria-label=${label}>
    ${options.map(([name, word]) => html`<button key=${name} class="chip" aria-pressed=${name === chosen ? 'true' : 'false'} onClick=${() => onChoose(name)}>${word}</button>`)}
  </div>`
}

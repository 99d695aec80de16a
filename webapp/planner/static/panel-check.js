/** What a plan must hold to: what must change first, then what is worth a look, then what holds. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure } from '../shared/words.js'
import { onFormKey, takeFocus } from './panel-form.js'
import { may, partOf } from './panel-page.js'
import { Sign, Waiting } from './panel-signs.js'

/** Findings of one kind that stand in the list at once. */
const MOST_SHOWN = 3
const RANK = { must: 0, look: 1, ok: 2 }

/** The items in the order in which they ask for a hand; those of one rank stay as the server lists them. */
export const ordered = (items) => [...items].sort((a, b) => RANK[a.level] - RANK[b.level])

/** @returns {object[][]} the items in that order, those of one kind together */
export function folded(items) {
  const groups = new Map()
  for (const item of ordered(items)) {
    const kind = `${item.level} ${item.code}`
    groups.set(kind, [...(groups.get(kind) ?? []), item])
  }
  return [...groups.values()]
}

/** How many of what is worth a look nobody has given a reason for. */
export const unexplained = (check) => check.items.filter(({ level, reason }) => level === 'look' && !reason).length

export function CheckList({ state, actions }) {
  const { check } = state
  const first = check && ordered(check.items).find(({ level, place, grids }) => level !== 'ok' && (place || grids.length))
  return html`<section class="plan-panel check-list" aria-label=${t('Check')}>
    <header><h2>${t('Check')}</h2>${check && html`<span>${t('as you edit · %(n)s s', { n: (check.took_ms / 1000).toFixed(2) })}</span>`}</header>
    ${!check && html`<${Waiting} rows=${5} />`}
    ${check &&
    folded(check.items).map(
      (group) => html`<${Group} key=${`${group[0].level} ${group[0].code}`} items=${group} first=${first} state=${state} actions=${actions} />`,
    )}
  </section>`
}

/** Of findings of one kind some are shown; a border through an old town cuts a hundred buildings. */
function Group({ items, first, state, actions }) {
  const [whole, show] = useState(false)
  // What the map was asked to look at is not hidden from the list.
  const shown = whole || items.length <= MOST_SHOWN + 1 ? items : items.filter((item, at) => at < MOST_SHOWN || item.key === state.focus?.key)
  return html`<ul>
      ${shown.map((item) => html`<${Item} key=${item.key} item=${item} isFirst=${item === first} state=${state} actions=${actions} />`)}
    </ul>
    ${(whole || shown.length < items.length) &&
    html`<button class="link check-more" aria-expanded=${whole ? 'true' : 'false'} onClick=${() => show(!whole)}>
      ${whole ? t('Show fewer') : t('%(n)s more of this kind', { n: figure(items.length - shown.length) })}
    </button>`}`
}

function Item({ item, isFirst, state, actions }) {
  const target = item.place ?? (item.grids.length ? item.grids : null)
  const isShown = state.focus?.key === item.key
  const look = () => {
    actions.show(target, item.key)
    if (item.grids.length) actions.choose(item.grids)
  }
  return html`<li class="check-item" aria-current=${isShown ? 'true' : undefined}>
    <${Sign} level=${item.level} />
    <div>
      <p class="check-title" id=${`check-${partOf(item.key)}`}>${item.title}</p>
      <p class="check-detail">${item.detail}</p>
      ${item.level === 'look' && html`<${Reason} item=${item} state=${state} actions=${actions} />`}
    </div>
    ${item.level !== 'ok' &&
    target &&
    html`<button class="link" aria-label=${t('Show on the map: %(what)s', { what: item.title })} onClick=${look}>${t('Show')}${isFirst && html` <kbd>F8</kbd>`}</button>`}
  </li>`
}

/** What is worth a look stands only with a reason, typed where it is asked for. */
function Reason({ item, state, actions }) {
  const [asked, ask] = useState(false)
  const [body, setBody] = useState('')
  const mayGive = may(state.plan, 'edit')
  const begin = () => {
    setBody(item.reason ?? '')
    ask(true)
  }
  if (!asked) {
    return html`<p class="check-reason">
      ${item.reason && html`<q>${item.reason}</q>`}
      ${mayGive && html`<button class="link" aria-describedby=${`check-${partOf(item.key)}`} onClick=${begin}>${item.reason ? t('Change the reason') : t('Give a reason')}</button>`}
      ${!item.reason && !mayGive && html`<span>${t('No reason yet.')}</span>`}
    </p>`
  }
  const give = async (event) => {
    event.preventDefault()
    if (body.trim() && (await actions.reason(item.key, body.trim()))) ask(false)
  }
  return html`<form class="plan-form" onSubmit=${give} onKeyDown=${(event) => onFormKey(event, () => ask(false))}>
    <label>${t('Why it may stay so')}<textarea rows="2" maxlength="2000" value=${body} ref=${takeFocus} onInput=${(event) => setBody(event.currentTarget.value)}></textarea></label>
    <div class="plan-buttons">
      <button class="button small primary" disabled=${!body.trim() || state.busy}>${t('Keep the reason')}</button>
      <button class="button small" type="button" onClick=${() => ask(false)}>${t('Leave it')}</button>
    </div>
  </form>`
}

/** One incident in 60 pixels: severity, class, state, where it comes from, where it is, how long is left. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { ClockChip } from './clock.js'
import { Icon, Severity, sourceIcon } from '../shared/icons.js'
import { askWord, classText, nameOf, sourceWord, stateWord, whereText } from '../shared/words.js'

/** Only what needs the hand of whoever sits here takes the accent. */
export function StateChip({ state, waiting = false }) {
  return html`<span class="state ${waiting ? 'state-waiting' : ''}">${stateWord(state)}</span>`
}

/** What is asked and not answered stands where the state would: it is in hand, or nobody could ask. */
function Chips({ incident, waiting }) {
  const { asks = [] } = incident
  if (!asks.length) return html`<${StateChip} state=${incident.state} waiting=${waiting} />`
  return asks.map((ask) => html`<span key=${ask} class="state ${waiting ? 'state-waiting' : ''}">${askWord(ask)}</span>`)
}

export function IncidentRow({ incident, style, id, selected, atCursor, marked, waiting, fresh, position, size, onOpen, onMark }) {
  const what = classText(incident)
  const where = whereText(incident)
  const mark = (event) => {
    event.stopPropagation()
    onMark(incident.id)
  }
  const township = incident.township ? nameOf(incident.township) : ''
  return html`<div
    id=${id}
    class="row ${selected ? 'selected' : ''} ${atCursor ? 'at-cursor' : ''} ${fresh ? 'fresh' : ''} ${marked ? 'marked' : ''}"
    style=${style}
    role="option"
    aria-selected=${selected ? 'true' : 'false'}
    aria-posinset=${position}
    aria-setsize=${size}
    onClick=${(event) => (event.ctrlKey || event.metaKey || event.shiftKey ? onMark(incident.id) : onOpen(incident.id))}
  >
    <span class="row-mark" title=${t('Mark')} onClick=${(event) => mark(event)}>
      ${marked ? html`<${Icon} name="check" size=${20} /><span class="sr-only">${t('marked')}</span>` : html`<${Severity} severity=${incident.severity} />`}
    </span>
    <span class="row-main">
      <span class="row-first"><b title=${what}>${what}</b><${Chips} incident=${incident} waiting=${waiting} /></span>
      <span class="row-second" title=${[incident.source && sourceWord(incident.source), where, township].filter(Boolean).join(' · ')}>
        ${incident.source && html`<${Icon} name=${sourceIcon(incident.source)} size=${16} /><span class="sr-only">${sourceWord(incident.source)}</span>`}
        <span class=${incident.grid ? '' : 'unplaced'}>${where}</span>
        ${incident.grid && township && html`<i>${township}</i>`}
      </span>
    </span>
    <${ClockChip} incident=${incident} />
  </div>`
}

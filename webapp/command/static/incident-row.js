/** One incident in 60 pixels: severity, class, state, where it comes from, where it is, how long is left. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { ClockChip } from './clock.js'
import { Icon, Severity, sourceIcon } from '../shared/icons.js'
import { classText, nameOf, sourceWord, stateWord, whereText } from '../shared/words.js'

/** To file needs the hand of whoever sits here: only that takes the accent. */
export function StateChip({ state }) {
  return html`<span class="state state-${state}">${stateWord(state)}</span>`
}

export function IncidentRow({ incident, style, id, selected, atCursor, fresh, position, size, onOpen }) {
  const what = classText(incident)
  const where = whereText(incident)
  const township = incident.township ? nameOf(incident.township) : ''
  return html`<div
    id=${id}
    class="row ${selected ? 'selected' : ''} ${atCursor ? 'at-cursor' : ''} ${fresh ? 'fresh' : ''}"
    style=${style}
    role="option"
    aria-selected=${selected ? 'true' : 'false'}
    aria-posinset=${position}
    aria-setsize=${size}
    onClick=${() => onOpen(incident.id)}
  >
    <${Severity} severity=${incident.severity} />
    <span class="row-main">
      <span class="row-first"><b title=${what}>${what}</b><${StateChip} state=${incident.state} /></span>
      <span class="row-second" title=${[incident.source && sourceWord(incident.source), where, township].filter(Boolean).join(' · ')}>
        ${incident.source && html`<${Icon} name=${sourceIcon(incident.source)} size=${16} /><span class="sr-only">${sourceWord(incident.source)}</span>`}
        <span class=${incident.grid ? '' : 'unplaced'}>${where}</span>
        ${incident.grid && township && html`<i>${township}</i>`}
      </span>
    </span>
    <${ClockChip} incident=${incident} />
  </div>`
}

/** Before a step of a plan: what it will do in numbers, what it needs to know, and the verb on the button. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure, nameOf } from '../shared/words.js'
import { onFormKey, takeFocus } from './panel-form.js'
import { instantOf, nextNight, wallOf } from './panel-hour.js'

/** Which steps ask for an hour, and which for words without which they are not taken. */
const ASKS_HOUR = ['approve', 'publish']
const NEEDS_NOTE = ['send-back', 'revert']
const TAKES_NOTE = ['submit', 'approve', ...NEEDS_NOTE]

/**
 * @param {{ deed: string, verb: string, state: object, actions: object, onLeave: () => void }} properties
 */
export function DeedForm({ deed, verb, state, actions, onLeave }) {
  const [note, setNote] = useState('')
  const [hour, setHour] = useState({ now: deed === 'approve', wall: firstWall(state) })
  const at = hour.now ? null : instantOf(hour.wall, state.zone)
  const past = at !== null && !(at > Date.now())
  const asksHour = ASKS_HOUR.includes(deed)
  const missing = (NEEDS_NOTE.includes(deed) && !note.trim()) || (asksHour && past)
  const doIt = async (event) => {
    event.preventDefault()
    if (missing || state.busy) return
    const body = { ...(TAKES_NOTE.includes(deed) && note.trim() && { note: note.trim() }), ...(asksHour && { publish_at: at === null ? null : new Date(at).toISOString() }) }
    if (await actions.step(deed, body)) onLeave()
  }
  return html`<form class="plan-form deed-form" aria-label=${verb} onSubmit=${doIt} onKeyDown=${(event) => onFormKey(event, onLeave)}>
    <h3 tabindex="-1" ref=${takeFocus}>${verb}</h3>
    <p>${sentence(deed, state.plan)}</p>
    ${asksHour && html`<${Hour} hour=${hour} zone=${state.zone} past=${past} onHour=${setHour} />`}
    ${TAKES_NOTE.includes(deed) &&
    html`<label>${noteLabel(deed)}<textarea rows="2" maxlength="2000" value=${note} onInput=${(event) => setNote(event.currentTarget.value)}></textarea></label>`}
    ${state.refused && html`<p class="plan-failure" role="alert">${state.refused.sentence}</p>`}
    <div class="plan-buttons">
      <button class="button primary" disabled=${missing || state.busy}>${verb}</button>
      <button class="button" type="button" onClick=${onLeave}>${t('Leave it')}</button>
    </div>
  </form>`
}

const firstWall = ({ plan, zone }) => wallOf(plan.publish_at && Date.parse(plan.publish_at) > Date.now() ? Date.parse(plan.publish_at) : nextNight(Date.now(), zone), zone)

/** At once, or at an hour that a clock of the district shows. */
function Hour({ hour, zone, past, onHour }) {
  const from = wallOf(Date.now() + 60_000, zone)
  return html`<fieldset class="deed-hour">
    <legend>${t('In force')}</legend>
    <label class="plan-choice"><input type="radio" name="hour" checked=${hour.now} onChange=${() => onHour({ ...hour, now: true })} />${t('at once')}</label>
    <label class="plan-choice"><input type="radio" name="hour" checked=${!hour.now} onChange=${() => onHour({ ...hour, now: false })} />${t('at an hour')}</label>
    ${!hour.now &&
    html`<input type="datetime-local" aria-label=${t('Hour, local time')} aria-describedby="deed-hour-why" min=${from} value=${hour.wall} onInput=${(event) => onHour({ now: false, wall: event.currentTarget.value })} />
      <p id="deed-hour-why" class=${past ? 'plan-failure' : ''}>${past ? t('This hour is past. Choose a later one.') : t('Local time of the district (%(zone)s). Nothing is dated ahead: it is published at that hour.', { zone })}</p>`}
  </fieldset>`
}

const noteLabel = (deed) => ({ 'send-back': t('What has to change'), revert: t('Why it is taken back') })[deed] ?? t('A word with it (may stay empty)')

/** What will happen, in numbers. */
function sentence(deed, plan) {
  const grids = { before: figure(plan.grids_before), after: figure(plan.grids_after), households: figure(plan.households_moved) }
  return {
    submit: () => t('%(before)s grids become %(after)s, %(households)s households change hands. It cannot be edited until it comes back.', grids),
    approve: () => t('%(before)s grids become %(after)s, %(households)s households change hands. What is open there moves along in the same moment.', grids),
    'send-back': () => t('It becomes a draft of %(who)s again.', { who: nameOf(plan.author) }),
    withdraw: () => t('It leaves the list of work. Its edits stay to be read; nothing of it comes into force.'),
    publish: () => t('It stays approved; only the hour changes.'),
    revert: () => t('A new plan puts back, byte for byte, what edition %(n)s replaced. Another planner approves it like any other.', { n: plan.edition_n }),
  }[deed]()
}

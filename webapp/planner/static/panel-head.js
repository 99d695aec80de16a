/** The head of an open plan: its number and state, its name, whose it is and on what it stands. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { moment } from '../shared/time.js'
import { nameOf } from '../shared/words.js'
import { stateWord } from './panel-words.js'

export function PlanHead({ state, actions }) {
  const { plan } = state
  return html`<header class="plan-panel plan-head">
    <p class="plan-head-line">
      <button class="link plan-back" onClick=${actions.closePlan}><${Icon} name="back" size=${16} />${t('Plans')}</button>
      <span class="code">${plan.number}</span>
      <${StateChip} state=${plan.state} />
    </p>
    <h1>${plan.title}</h1>
    <p class="plan-head-facts">${facts(state)}</p>
  </header>`
}

/** Only what waits for a hand takes the accent. */
export const StateChip = ({ state, mine = false }) => html`<span class="state ${mine ? 'state-mine' : ''}">${stateWord(state)}</span>`

function facts(state) {
  const { plan, busy } = state
  const saved = busy ? t('saving…') : t('saved %(time)s', { time: moment(Date.parse(plan.edited_at), Date.now(), state.zone) })
  const stands =
    plan.edition_n === null || plan.edition_n === undefined
      ? t('on edition %(n)s', { n: plan.base_edition })
      : t('edition %(before)s became %(n)s', { before: plan.base_edition, n: plan.edition_n })
  const told = [t('by %(who)s', { who: nameOf(plan.author) }), stands]
  return [...told, plan.state === 'draft' ? saved : plan.approver && t('approved by %(who)s', { who: nameOf(plan.approver) })].filter(Boolean).join(' · ')
}

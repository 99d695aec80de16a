/** The way of a plan, from the draft to what can be taken back: where it stands, what may be done next, and why not. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { moment } from '../shared/time.js'
import { figure, nameOf } from '../shared/words.js'
import { unexplained } from './panel-check.js'
import { DeedForm } from './panel-deed.js'
import { isMine, may, standingOf } from './panel-page.js'

const STAGES = ['draft', 'submitted', 'approved', 'published']
const stageWords = () => ({ draft: t('Drafting'), submitted: t('Approval'), approved: t('Publishing'), published: t('Revertible') })

/**
 * What stands in the way of submitting a draft, in words; null if nothing does.
 * @param {object} state
 * @returns {string|null}
 */
export function hindrance({ edits, check }) {
  if (!standingOf(edits).length) return t('There is nothing to submit yet.')
  if (!check) return t('It is still being checked.')
  if (check.must) return t('%(n)s must change before.', { n: figure(check.must) })
  const looks = unexplained(check)
  return looks ? t('%(n)s to look at still need a reason.', { n: figure(looks) }) : null
}

const verbs = () => ({
  submit: t('Submit for approval'),
  approve: t('Approve'),
  'send-back': t('Send back'),
  withdraw: t('Withdraw'),
  publish: t('Change the hour'),
  revert: t('Revert'),
})

export function StepBar({ state, actions }) {
  const { plan } = state
  const [deed, setDeed] = useState(null)
  // What one was about to do may have been done by another person meanwhile.
  useEffect(() => setDeed(null), [plan.id, plan.state])
  const words = verbs()
  if (deed) {
    return html`<footer class="plan-panel step-bar">
      <${DeedForm} key=${deed} deed=${deed} verb=${words[deed]} state=${state} actions=${actions} onLeave=${() => setDeed(null)} />
    </footer>`
  }
  const begin = (name) => {
    actions.forgive()
    setDeed(name)
  }
  const { deeds, why } = offered(state)
  return html`<footer class="plan-panel step-bar">
    <${Stages} state=${plan.state} />
    <div class="plan-buttons">
      ${deeds.map(
        ({ name, stopped }, at) => html`<button key=${name} class="button ${at === 0 && !stopped ? 'primary' : ''} ${at === 0 ? 'likeliest' : ''}" disabled=${stopped || state.busy} aria-describedby="step-why" onClick=${() => begin(name)}>
          ${words[name]}…
        </button>`,
      )}
    </div>
    <p class="step-why" id="step-why">${why}</p>
  </footer>`
}

function Stages({ state }) {
  const words = stageWords()
  const at = state === 'reverted' ? STAGES.length - 1 : STAGES.indexOf(state)
  return html`<ol class="stages" aria-label=${t('Where the plan stands')}>
    ${STAGES.map((stage, i) => html`<li key=${stage} class=${i < at ? 'is-past' : ''} aria-current=${i === at ? 'step' : undefined}>${words[stage]}</li>`)}
  </ol>`
}

/** @returns {{ deeds: { name: string, stopped?: boolean }[], why: string }} the likeliest first, and one sentence under them */
export function offered(state) {
  const { plan } = state
  const has = (...names) => names.filter((name) => may(plan, name)).map((name) => ({ name }))
  const when = (at) => moment(Date.parse(at), Date.now(), state.zone)
  if (plan.state === 'draft') {
    const stop = hindrance(state)
    const mine = isMine(state)
    const rule = t('Who approves is never who drew it.')
    if (!mine) return { deeds: has('withdraw'), why: t('Only %(who)s can submit it. You may comment.', { who: nameOf(plan.author) }) }
    return { deeds: [{ name: 'submit', stopped: stop !== null || !may(plan, 'submit') }, ...has('withdraw')], why: stop ? `${stop} ${rule}` : rule }
  }
  if (plan.state === 'submitted') {
    if (isMine(state)) return { deeds: [{ name: 'approve', stopped: true }, ...has('withdraw')], why: t('You drew this plan: another planner approves it.') }
    const [approve] = has('approve')
    if (approve) return { deeds: [approve, ...has('send_back').map(() => ({ name: 'send-back' }))], why: t('Approving sets the hour at which it comes into force.') }
    return { deeds: has('withdraw'), why: t('It waits for a planner who is responsible for every grid it changes.') }
  }
  if (plan.state === 'approved') {
    const hour = plan.publish_at ? t('It comes into force %(time)s.', { time: when(plan.publish_at) }) : t('It comes into force within a minute.')
    return { deeds: [...has('publish'), ...has('send_back').map(() => ({ name: 'send-back' })), ...has('withdraw')], why: hour }
  }
  if (plan.state === 'published') {
    return { deeds: has('revert'), why: t('Edition %(n)s, in force since %(time)s.', { n: plan.edition_n, time: when(plan.published_at) }) }
  }
  if (plan.state === 'reverted') return { deeds: [], why: t('A later edition has put its borders back as they were.') }
  return { deeds: [], why: t('It was withdrawn; nothing of it came into force.') }
}

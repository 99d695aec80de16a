/** The list of plans: what waits for the reader first, then what is in work, then what is done. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { moment } from '../shared/time.js'
import { figure, nameOf } from '../shared/words.js'
import { StateChip } from './panel-head.js'
import { may } from './panel-page.js'
import { Head, Nothing, Waiting } from './panel-signs.js'
import { countText } from './panel-words.js'

const DONE = ['published', 'withdrawn', 'reverted']

const groupWords = () => ({ mine: t('Waiting for you'), work: t('In work'), done: t('Done') })

/** @returns {{ name: string, plans: object[] }[]} the groups that hold something */
export function groupPlans(plans) {
  const groups = { mine: [], work: [], done: [] }
  for (const plan of plans) groups[may(plan, 'approve') ? 'mine' : DONE.includes(plan.state) ? 'done' : 'work'].push(plan)
  return Object.entries(groups)
    .filter(([, members]) => members.length)
    .map(([name, members]) => ({ name, plans: members }))
}

export function PlanList({ state, actions }) {
  const { plans } = state
  useEffect(() => {
    if (plans === null) actions.listPlans()
  }, [])
  const words = groupWords()
  return html`<section class="plan-panel plan-list" aria-label=${t('Plans')} aria-busy=${plans === null ? 'true' : 'false'}>
    <h1>${t('Plans')}</h1>
    <${NewPlan} state=${state} actions=${actions} />
    ${plans === null && !state.refused && html`<${Waiting} rows=${5} />`}
    ${plans === null && state.refused && html`<div class="plan-nothing" role="alert"><p>${state.refused.sentence}</p><button class="button small" onClick=${actions.listPlans}>${t('Load again')}</button></div>`}
    ${plans?.length === 0 &&
    html`<${Nothing} why=${t('There is no plan yet.')} fills=${t('Begin one: borders are changed on its draft, checked at once, and come into force when another person has approved them.')} />`}
    ${groupPlans(plans ?? []).map(
      ({ name, plans: members }) => html`<div key=${name} class="plan-group">
        <${Head} title=${words[name]} n=${figure(members.length)} />
        <ul>
          ${members.map((plan) => html`<${Row} key=${plan.id} plan=${plan} mine=${name === 'mine'} state=${state} actions=${actions} />`)}
        </ul>
      </div>`,
    )}
    ${state.nextPlans && html`<button class="button small" disabled=${state.busy} onClick=${actions.morePlans}>${t('Load more')}</button>`}
    <p><a href="/planner/differences">${t('Compare two days')}</a></p>
  </section>`
}

function NewPlan({ state, actions }) {
  const [title, setTitle] = useState('')
  const wanted = title.trim()
  const begin = async (event) => {
    event.preventDefault()
    if (wanted && (await actions.newPlan(wanted))) setTitle('')
  }
  return html`<form class="plan-new" onSubmit=${begin}>
    <label>${t('What it is about')}<input value=${title} maxlength="200" onInput=${(event) => setTitle(event.currentTarget.value)} /></label>
    <button class="button primary" disabled=${!wanted || state.busy}>${t('Begin a plan')}</button>
  </form>`
}

function Row({ plan, mine, state, actions }) {
  return html`<li>
    <button class="plan-row" onClick=${() => actions.openPlan(plan.id)}>
      <span class="plan-row-first"><b>${plan.title}</b><${StateChip} state=${plan.state} mine=${mine} /></span>
      <span class="plan-row-second"><span class="code">${plan.number}</span>${` · ${nameOf(plan.author)} · ${sizeText(plan)}`}</span>
      <span class="plan-row-second">${standText(plan, state.zone)}</span>
    </button>
  </li>`
}

const sizeText = ({ edits, households_moved: households }) =>
  [t('%(n)s edits', { n: figure(edits) }), households ? countText('households', households) : null].filter(Boolean).join(' · ')

/** Where it stands, and who approved it when. */
function standText(plan, zone) {
  const now = Date.now()
  const when = (at) => moment(Date.parse(at), now, zone)
  const approved = plan.approver ? t('approved by %(who)s', { who: nameOf(plan.approver) }) : null
  const approvedAt = plan.approver && plan.approved_at ? t('approved by %(who)s, %(time)s', { who: nameOf(plan.approver), time: when(plan.approved_at) }) : approved
  const stands = {
    draft: () => t('last changed %(time)s', { time: when(plan.edited_at) }),
    submitted: () => t('last changed %(time)s', { time: when(plan.edited_at) }),
    approved: () => (plan.publish_at ? t('will be published %(time)s', { time: when(plan.publish_at) }) : t('will be published at once')),
    published: () => t('edition %(n)s, %(time)s', { n: plan.edition_n, time: when(plan.published_at) }),
    reverted: () => t('edition %(n)s, taken back', { n: plan.edition_n }),
    withdrawn: () => t('last changed %(time)s', { time: when(plan.edited_at) }),
  }[plan.state]()
  const behind = plan.behind && ['draft', 'submitted', 'approved'].includes(plan.state) ? t('others have published since') : null
  return [stands, approvedAt, behind].filter(Boolean).join(' · ')
}

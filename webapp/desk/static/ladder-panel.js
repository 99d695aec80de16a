/** The supervision ladder: numbered notices on three tiers, beside the handling and never in its way. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon, Severity } from '../shared/icons.js'
import { duration, moment } from '../shared/time.js'
import { classText, figure, nameOf, whereText } from '../shared/words.js'
import { useChosen, usePage } from '../command/use-store.js'
import { Choice, Form, Note } from './form.js'
import { Remote } from './remote.js'
import * as requests from './requests.js'
import { useRemote } from './use-remote.js'

const tierWord = (tier) => ({ 1: t('Follow-up'), 2: t('Escalated supervision'), 3: t('Executive meeting') })[tier]
const TIERS = [3, 2, 1]

export function LadderPanel() {
  const remote = useRemote(requests.supervisions)
  const [issuing, issue] = useState(false)
  const may = useChosen((state) => state.me.can.includes('incident.supervise'))
  const empty = [t('No notice is open.'), t('A matter comes onto the ladder by its rules, or when a supervisor issues a notice.')]
  const done = () => {
    issue(false)
    remote.again()
  }
  return html`${may && !issuing && html`<p class="panel-act"><button class="button primary" onClick=${() => issue(true)}>${t('Issue a notice')}</button></p>`}
    ${may && issuing && html`<${Issue} onDone=${done} onBack=${() => issue(false)} />`}
    <${Remote} remote=${remote} label=${t('Supervision notices')} empty=${empty}>
      ${(notices) =>
        TIERS.map((tier) => [tier, notices.filter((notice) => notice.tier === tier)])
          .filter(([, standing]) => standing.length)
          .map(
            ([tier, standing]) => html`<section key=${tier} aria-label=${tierWord(tier)}>
              <h3 class="group"><span>${t('Tier %(n)s', { n: tier })} · ${tierWord(tier)} ${figure(standing.length)}</span></h3>
              <ul class="desk-rows">${standing.map((notice) => html`<${Notice} key=${notice.id} notice=${notice} onDone=${remote.again} />`)}</ul>
            </section>`,
          )}
    <//>`
}

function Notice({ notice, onDone }) {
  const { store, zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 15_000) * 15_000)
  const [doing, begin] = useState(null)
  const { incident } = notice
  const open = () => store.dispatch({ type: 'select', selection: { kind: 'incident', id: incident.id } })
  const done = () => {
    begin(null)
    onDone()
  }
  const clock = answerClock(notice, now, zone)
  return html`<li>
    <button onClick=${open}>
      <span class="desk-row-first"><${Severity} severity=${incident.severity} size=${18} /><b>${classText(incident)}</b><code>${notice.number}</code><em class=${clock.late ? 'late' : ''}>${clock.text}</em></span>
      <span class="desk-row-second">${[whereText(incident), incident.number, notice.department && nameOf(notice.department)].filter(Boolean).join(' · ')}</span>
    </button>
    <div class="calls">
      <p class="why">${[notice.cause_label, ...notice.why].join(' · ')}</p>
      ${notice.note && html`<p>${notice.note}</p>`}
      ${notice.answer && html`<p><b>${t('Answer')}</b> ${notice.answer}</p>`}
      ${notice.closing && html`<p><b>${t('Closed')}</b> ${notice.closing}</p>`}
      ${doing
        ? html`<${Say} notice=${notice} action=${doing} onDone=${done} onBack=${() => begin(null)} />`
        : html`<div class="call-buttons">
            ${notice.actions.map((action, i) => html`<button key=${action.name} class="button small ${i === 0 ? 'primary' : ''}" onClick=${() => begin(action)}>${action.label}</button>`)}
            <a class="button small" href=${requests.noticeAddress(notice.id)} target="_blank" rel="noopener"><${Icon} name="file" size=${16} />${t('Notice as PDF')}</a>
          </div>`}
    </div>
  </li>`
}

function answerClock({ answered_at: answered, answer_due_at: due, closed_at: closed }, now, zone) {
  if (closed) return { late: false, text: t('closed') }
  if (answered) return { late: false, text: t('answered') }
  if (!due) return { late: false, text: t('no clock yet') }
  const left = Date.parse(due) - now
  if (left <= 0) return { late: true, text: t('%(time)s over', { time: duration(-left) }) }
  return { late: false, text: t('answer by %(time)s', { time: moment(Date.parse(due), now, zone) }) }
}

function Say({ notice, action, onDone, onBack }) {
  const [note, say] = useState('')
  const send = (body) => requests.sayOfNotice(notice.id, action.name, body)
  return html`<${Form} verb=${action.label} said=${{ note }} lacking=${!note.trim()} send=${send} onDone=${onDone} onBack=${onBack}>
    <${Note} needed value=${note} onSay=${say} />
  <//>`
}

function Issue({ onDone, onBack }) {
  const rows = useChosen((state) => state.rows)
  const selected = useChosen((state) => (state.selection?.kind === 'incident' ? state.selection.id : ''))
  const [incident, choose] = useState(selected)
  const [tier, setTier] = useState('1')
  const [note, say] = useState('')
  const options = rows.slice(0, 200).map((row) => ({ value: row.id, label: [classText(row), whereText(row), row.number].join(' · ') }))
  return html`<${Form} verb=${t('Issue a notice')} said=${{ incident, tier: Number(tier), note }} lacking=${!incident || !tier || !note.trim()} send=${requests.issueNotice} onDone=${onDone} onBack=${onBack}>
    <${Choice} label=${t('For the incident')} value=${incident} options=${options} onChoose=${choose} />
    <${Choice} label=${t('Tier')} value=${tier} options=${[1, 2, 3].map((n) => ({ value: String(n), label: `${n} ${tierWord(n)}` }))} onChoose=${setTier} />
    <${Note} label=${t('What is asked')} needed value=${note} onSay=${say} />
  <//>`
}

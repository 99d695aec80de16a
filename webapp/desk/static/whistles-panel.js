/** Whistles: who was called where, how each department answers, and what the reader can do with it next. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon, Severity } from '../shared/icons.js'
import { duration, moment } from '../shared/time.js'
import { classText, doerWord, figure, nameOf, roleWord, whereText } from '../shared/words.js'
import { useChosen, usePage } from '../command/use-store.js'
import { Choice, Form, Note } from './form.js'
import { PlaceChoice } from './place-choice.js'
import { Remote } from './remote.js'
import * as requests from './requests.js'
import { useRemote } from './use-remote.js'
import { WhistleForm } from './whistle-form.js'

export function WhistlesPanel() {
  const { actions } = usePage()
  const mayCall = useChosen((state) => state.me.can.includes('whistle.call'))
  const whistling = useChosen((state) => state.whistling)
  const remote = useRemote(requests.whistles)
  const empty = [t('Nobody is called.'), t('A whistle appears here until the grid has rated what came of it.')]
  return html`${mayCall && !whistling && html`<p class="panel-act"><button class="button primary" onClick=${() => actions.whistle(true)}><${Icon} name="whistle" />${t('Blow the whistle')}<kbd>W</kbd></button></p>`}
    ${mayCall && whistling && html`<${WhistleForm} onDone=${remote.again} />`}
    <${Remote} remote=${remote} label=${t('Whistles')} empty=${empty}>
      ${(whistles) => html`<ul class="desk-rows">${whistles.map((whistle) => html`<${Whistle} key=${whistle.id} whistle=${whistle} onDone=${remote.again} />`)}</ul>`}
    <//>`
}

function Whistle({ whistle, onDone }) {
  const { store, zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 15_000) * 15_000)
  const { incident, by } = whistle
  const open = () => store.dispatch({ type: 'select', selection: { kind: 'incident', id: incident.id } })
  // Departments see their own call first; the others beside it.
  const calls = [...whistle.calls].sort((a, b) => Number(b.mine) - Number(a.mine))
  return html`<li class="whistle">
    <button onClick=${open}>
      <span class="desk-row-first"><${Severity} severity=${incident.severity} size=${18} /><b>${classText(incident)}</b><em>${moment(Date.parse(whistle.at), now, zone)}</em></span>
      <span class="desk-row-second">${[whereText(incident), incident.number, by.name ? `${nameOf(by)} ${roleWord(by.role)}` : doerWord(by.role)].join(' · ')}</span>
      ${whistle.note && html`<span class="source-text">${whistle.note}</span>`}
    </button>
    <ul class="calls">${calls.map((call) => html`<${Call} key=${call.department.code} whistle=${whistle} call=${call} now=${now} onDone=${onDone} />`)}</ul>
  </li>`
}

function Call({ whistle, call, now, onDone }) {
  const { zone } = usePage()
  const [doing, begin] = useState(null)
  const clock = clockText(call, now, zone)
  const done = () => {
    begin(null)
    onDone()
  }
  return html`<li>
    <p class="call-line"><b>${nameOf(call.department)}</b><i class="state ${call.actions.length ? 'state-reported' : ''}">${call.standing_label}</i>${clock && html`<em class=${clock.late ? 'late' : ''}>${clock.text}</em>`}</p>
    ${tellings(call).map((sentence) => html`<p class="why" key=${sentence}>${sentence}</p>`)}
    ${doing
      ? html`<${Answer} key=${doing.name} whistle=${whistle} call=${call} action=${doing} onDone=${done} onBack=${() => begin(null)} />`
      : call.actions.length > 0 &&
        html`<div class="call-buttons">
          ${call.actions.map((action, i) => html`<button key=${action.name} class="button small ${i === 0 ? 'primary' : ''}" onClick=${() => begin(action)}>${action.label}</button>`)}
        </div>`}
  </li>`
}

/** What is still waited for, and until when. */
function clockText({ waits_for: waits, ...call }, now, zone) {
  const what = { acknowledge: t('acknowledge'), arrive: t('be there') }[waits]
  const due = Date.parse(call[`${waits}_due_at`])
  if (!what || Number.isNaN(due)) return null
  if (due <= now) return { late: true, text: t('%(what)s: %(time)s over', { what, time: duration(now - due) }) }
  return { late: false, text: t('%(what)s by %(time)s', { what, time: moment(due, now, zone) }) }
}

/** The grey sentences of a call: why the time is as it is, and what was said. */
const tellings = (call) =>
  [
    ...(call.waits_for ? call.why : []),
    call.silent_tier > 0 && t('Silent: reminded up to tier %(n)s.', { n: call.silent_tier }),
    call.arrived_m !== null && t('Arrived %(n)s m from the place.', { n: figure(Math.round(call.arrived_m)) }),
    call.outcome && [call.outcome_label, call.note].filter(Boolean).join(': '),
    call.refused_reason && [nameOf(call.refused_reason), call.refused_note].filter(Boolean).join(': '),
    call.rating !== null && [t('Rated %(n)s of 5', { n: call.rating }), call.rated_note].filter(Boolean).join(': '),
  ].filter(Boolean)

function Answer({ whistle, call, action, onDone, onBack }) {
  const [said, setSaid] = useState({})
  const say = (more) => setSaid((before) => ({ ...before, ...more }))
  const has = (need) => action.needs.includes(need)
  const lacking = action.needs.some((need) => said[need] === undefined || said[need] === null || said[need] === '')
  const { note, ...others } = said
  const body = { department: call.department.code, ...others, ...(note?.trim() && { note }) }
  return html`<${Form} verb=${action.label} said=${body} lacking=${lacking} send=${(sent) => requests.answerWhistle(whistle.id, action.name, sent)} onDone=${onDone} onBack=${onBack}>
    ${has('place') && html`<${PlaceChoice} label=${t('Where we are')} ways=${['here', 'map']} onPlace=${(place) => say({ place })} />`}
    ${has('reason') && html`<${Choice} label=${t('Reason')} value=${said.reason} options=${action.reasons.map((one) => ({ value: one.code, label: nameOf(one) }))} onChoose=${(reason) => say({ reason })} />`}
    ${has('outcome') && html`<${Choice} label=${t('What came of it')} value=${said.outcome} options=${action.outcomes.map((one) => ({ value: one.code, label: one.label }))} onChoose=${(outcome) => say({ outcome })} />`}
    ${has('rating') && html`<${Rating} value=${said.rating} onRate=${(rating) => say({ rating })} />`}
    <${Note} value=${note} needed=${has('note')} onSay=${(text) => say({ note: text })} />
  <//>`
}

function Rating({ value, onRate }) {
  return html`<fieldset class="rating">
    <legend>${t('How it was answered')}</legend>
    ${[1, 2, 3, 4, 5].map((n) => html`<label key=${n} class="tick"><input type="radio" name="rating" checked=${value === n} onChange=${() => onRate(n)} /><span>${n}</span></label>`)}
    <p class="why">${t('1 is nobody helped, 5 is settled at once.')}</p>
  </fieldset>`
}

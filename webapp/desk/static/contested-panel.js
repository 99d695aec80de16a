/** Matters that two departments refused: who refused why, what was decided, and the ground of it. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Severity } from '../shared/icons.js'
import { moment } from '../shared/time.js'
import { classText, nameOf, whereText } from '../shared/words.js'
import { useChosen, usePage } from '../command/use-store.js'
import { Choice, Form, Note } from './form.js'
import { precedentText } from './precedent.js'
import { Remote } from './remote.js'
import * as requests from './requests.js'
import { useRemote } from './use-remote.js'
import { useWhistling } from './use-whistling.js'

export function ContestedPanel() {
  const remote = useRemote(requests.contested)
  const empty = [t('Nothing is contested.'), t('What two departments refused appears here, until the district decides whose it is.')]
  return html`<${Remote} remote=${remote} label=${t('Contested')} empty=${empty}>
    ${(matters) => html`<ul class="desk-rows">${matters.map((matter) => html`<${Matter} key=${matter.id} matter=${matter} onDone=${remote.again} />`)}</ul>`}
  <//>`
}

function Matter({ matter, onDone }) {
  const { store, zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 60_000) * 60_000)
  const [deciding, decide] = useState(false)
  const { incident, refusals, decided } = matter
  const open = () => store.dispatch({ type: 'select', selection: { kind: 'incident', id: incident.id } })
  return html`<li>
    <button onClick=${open}>
      <span class="desk-row-first"><${Severity} severity=${incident.severity} size=${18} /><b>${classText(incident)}</b><i class="state ${decided ? '' : 'state-reported'}">${decided ? t('Decided') : t('Not decided')}</i><em>${moment(Date.parse(matter.opened_at), now, zone)}</em></span>
      <span class="desk-row-second">${[whereText(incident), incident.number].join(' · ')}</span>
    </button>
    <div class="calls">
      ${refusals.map((one) => html`<p class="why" key=${one.at}>${t('%(department)s refused: %(reason)s', { department: nameOf(one.department), reason: [nameOf(one.reason), one.note].filter(Boolean).join(', ') })}</p>`)}
      ${!decided && matter.precedents.map((one) => html`<p class="why" key=${one.id}>${precedentText(one)}</p>`)}
      ${decided && html`<p><b>${nameOf(decided.department)}</b> · ${decided.ground}</p>`}
      ${matter.may_decide && !deciding && html`<div class="call-buttons"><button class="button small primary" onClick=${() => decide(true)}>${t('Decide')}</button></div>`}
      ${deciding && html`<${Decision} matter=${matter} onDone=${onDone} onBack=${() => decide(false)} />`}
    </div>
  </li>`
}

function Decision({ matter, onDone, onBack }) {
  const [department, choose] = useState('')
  const [ground, say] = useState('')
  const [whistling] = useWhistling(matter.incident.id)
  const options = (whistling?.departments ?? []).map((one) => ({ value: one.code, label: nameOf(one) }))
  const send = (body) => requests.decide(matter.id, body)
  return html`<${Form} verb=${t('Decide')} said=${{ department, ground }} lacking=${!department || !ground.trim()} send=${send} onDone=${onDone} onBack=${onBack}>
    <${Choice} label=${t('Whose it is')} value=${department} options=${options} onChoose=${choose} />
    <${Note} label=${t('Ground')} needed value=${ground} onSay=${say} />
  <//>`
}

/** What one shift leaves to the next: its note, and what was open and pressed then. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Severity } from '../shared/icons.js'
import { StateChip } from './incident-row.js'
import * as requests from './requests.js'
import { Section } from './section.js'
import { moment } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { classText, figure, nameOf } from '../shared/words.js'

const REASONS = {
  life: () => t('life at risk'),
  overdue: () => t('overdue'),
  soon: () => t('due within eight hours'),
  waiting: () => t('waits for the desk'),
}
const SHOWN = 8

/** The hand-over that nobody took yet. */
export function HandoverWaiting({ handover, own, works }) {
  const { actions } = usePage()
  const [failure, setFailure] = useState('')
  const take = async () => {
    try {
      await requests.takeOver(handover.id)
      setFailure('')
    } catch (problem) {
      if (problem.status === undefined) throw problem
      setFailure(problem.message)
    }
    actions.refreshDesk()
  }
  return html`<${Section} title=${t('Hand-over')} beside=${t('waits to be taken')}>
    <${Told} handover=${handover} />
    <p class="step-failure" role="alert">${failure}</p>
    ${own ? html`<p class="why">${t('The next shift takes it.')}</p>` : works && html`<div class="step-buttons"><button class="button primary" onClick=${take}>${t('Take over')}</button></div>`}
  <//>`
}

export function HandoverTaken({ handover }) {
  const { zone } = usePage()
  const now = useChosen((state) => Math.floor(state.clock / 60_000) * 60_000)
  const taken = t('taken by %(who)s, %(time)s', { who: nameOf(handover.taken_by), time: moment(Date.parse(handover.taken_at), now, zone) })
  return html`<${Section} title=${t('Last hand-over')}><details><summary>${taken}</summary><${Told} handover=${handover} /></details><//>`
}

function Told({ handover }) {
  const { zone } = usePage()
  const now = useChosen((state) => Math.floor(state.clock / 60_000) * 60_000)
  return html`<p class="fact">${t('%(who)s, %(time)s', { who: nameOf(handover.by), time: moment(Date.parse(handover.at), now, zone) })}</p>
    <p class="source-text handover-note">${handover.note}</p>
    <${Matters} told=${handover} />`
}

/** Write the own shift down; what is open is found by the server. */
export function WriteHandover() {
  const { actions } = usePage()
  const [told, setTold] = useState(null)
  const [note, setNote] = useState('')
  const [failure, setFailure] = useState('')
  const id = useRef(crypto.randomUUID())
  const tried = async (deed) => {
    try {
      await deed()
      setFailure('')
    } catch (problem) {
      if (problem.status === undefined) throw problem
      setFailure(problem.message)
    }
  }
  useEffect(() => {
    tried(async () => setTold(await requests.matters()))
  }, [])
  const submit = (event) => {
    event.preventDefault()
    tried(async () => {
      await requests.handOver({ id: id.current, note })
      await actions.refreshDesk()
    })
  }
  return html`<${Section} title=${t('Hand the desk over')}>
    ${told && html`<${Matters} told=${told} />`}
    <form class="step-form" aria-label=${t('Hand the desk over')} onSubmit=${submit}>
      <label><span>${t('What the next shift must know')}</span><textarea rows="3" maxlength="4000" value=${note} onInput=${(event) => setNote(event.currentTarget.value)}></textarea></label>
      <p class="step-failure" role="alert">${failure}</p>
      <button class="button" type="submit" disabled=${!note.trim()}>${t('Hand over')}</button>
    </form>
  <//>`
}

function Matters({ told }) {
  const [all, setAll] = useState(false)
  const { figures, matters, total } = told
  const shown = all ? matters : matters.slice(0, SHOWN)
  return html`<p class="why">${t('%(open)s open, %(overdue)s overdue, %(waiting)s wait for the desk; in this shift %(arrived)s came and %(closed)s were closed.', {
      open: figure(figures.open), overdue: figure(figures.overdue), waiting: figure(figures.waiting), arrived: figure(figures.arrived), closed: figure(figures.closed),
    })}</p>
    <ul class="matters">${shown.map((matter) => html`<${Matter} key=${matter.id} matter=${matter} />`)}</ul>
    ${matters.length > shown.length && html`<button type="button" class="link" onClick=${() => setAll(true)}>${t('Show %(n)s more', { n: figure(matters.length - shown.length) })}</button>`}
    ${all && total > matters.length && html`<p class="why">${t('%(n)s more press less; the queue has them all.', { n: figure(total - matters.length) })}</p>`}`
}

function Matter({ matter }) {
  const { store, actions } = usePage()
  const open = () => {
    store.dispatch({ type: 'select', selection: { kind: 'incident', id: matter.id } })
    actions.closeDuty()
  }
  return html`<li>
    <${Severity} severity=${matter.severity} size=${18} />
    <button type="button" class="link" onClick=${open}><b>${classText(matter)}</b> <code>${matter.number}</code></button>
    <${StateChip} state=${matter.state} /><span>${matter.why.map((name) => REASONS[name]()).join(' · ')}</span>
  </li>`
}

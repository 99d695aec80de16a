/** The desk: who sits there, the hand-over that waits or is to be written, and the roster. Over the right panel. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { HandoverTaken, HandoverWaiting, WriteHandover } from './handover.js'
import * as requests from './requests.js'
import { Section } from './section.js'
import { Choice } from './step-fields.js'
import { day, dayOf, hourAndMinute, instantOf, moment, weekday, writtenTime } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { nameOf } from '../shared/words.js'

const HOUR_MS = 3_600_000
const USUAL_TURN_MS = 8 * HOUR_MS

export function DutySheet() {
  const { actions } = usePage()
  const open = useChosen((state) => state.dutyOpen)
  const desk = useChosen((state) => state.desk)
  const me = useChosen((state) => state.me.person.id)
  const sheet = useRef()
  useEffect(() => {
    if (!open) return
    sheet.current?.focus()
    actions.refreshDesk()
  }, [open])
  if (!open || !desk) return null
  const { handover } = desk
  const waits = handover && !handover.taken_at
  return html`<aside class="keys-sheet duty-sheet" ref=${sheet} tabindex="-1" aria-label=${t('The desk')}>
    <header class="card-title">
      <h2>${t('The desk')}</h2>
      <button class="tool" aria-label=${t('Close')} onClick=${actions.closeDuty}><${Icon} name="close" /></button>
    </header>
    <${Now} desk=${desk} />
    ${waits && html`<${HandoverWaiting} key=${handover.id} handover=${handover} own=${handover.by.id === me} works=${desk.works} />`}
    ${!waits && desk.works && html`<${WriteHandover} />`}
    ${handover && !waits && html`<${HandoverTaken} handover=${handover} />`}
    <${Roster} works=${desk.works} />
  </aside>`
}

function Now({ desk }) {
  const { zone } = usePage()
  const now = useChosen((state) => Math.floor(state.clock / 60_000) * 60_000)
  return html`<${Section} title=${t('Now')}>
    ${desk.now.length === 0 && html`<p class="fact">${t('Nobody by the roster.')}</p>`}
    <ul class="turns">${desk.now.map((turn) => html`<li key=${turn.id}><b>${nameOf(turn.person)}</b><span>${t('until %(time)s', { time: moment(Date.parse(turn.until), now, zone) })}</span></li>`)}</ul>
    ${desk.next && html`<p class="why">${t('Next: %(who)s, %(time)s', { who: nameOf(desk.next.person), time: moment(Date.parse(desk.next.from), now, zone) })}</p>`}
  <//>`
}

function Roster({ works }) {
  const { actions, zone } = usePage()
  const [list, setList] = useState(null)
  const [failure, setFailure] = useState('')
  const tried = async (deed) => {
    try {
      await deed()
      setFailure('')
    } catch (problem) {
      if (problem.status === undefined) throw problem
      setFailure(problem.message)
    }
  }
  const load = () => tried(async () => setList(await requests.turns()))
  useEffect(() => {
    load()
  }, [])
  const change = (deed) => tried(async () => {
    await deed()
    await Promise.all([load(), actions.refreshDesk()])
  })
  return html`<${Section} title=${t('Roster')} beside=${t('eight days')}>
    ${list?.items.length === 0 && html`<p class="fact">${t('No turn is written yet.')}</p>`}
    <ul class="turns">
      ${list?.items.map(
        (turn) => html`<li key=${turn.id}>
          <span>${spanText(turn, zone)}</span><b>${nameOf(turn.person)}</b>
          ${works && html`<button class="tool" aria-label=${t('Strike out: %(who)s, %(when)s', { who: nameOf(turn.person), when: spanText(turn, zone) })} onClick=${() => change(() => requests.strikeTurn(turn.id))}><${Icon} name="close" size=${16} /></button>`}
        </li>`,
      )}
    </ul>
    <p class="step-failure" role="alert">${failure}</p>
    ${works && list && html`<${WriteTurn} people=${list.people} onWrite=${(turn) => change(() => requests.writeTurn(turn))} />`}
  <//>`
}

/** 周三 5月18日 08:00–16:00; over midnight with the second day. */
function spanText({ from, until }, zone) {
  const [begins, ends] = [Date.parse(from), Date.parse(until)]
  const sameDay = dayOf(begins, zone) === dayOf(ends - 1, zone)
  return `${weekday(begins, zone)} ${day(begins, zone)} ${hourAndMinute(begins, zone)}–${sameDay ? '' : `${weekday(ends, zone)} `}${hourAndMinute(ends, zone)}`
}

function WriteTurn({ people, onWrite }) {
  const { store, zone } = usePage()
  const start = Math.ceil(store.state.clock / HOUR_MS) * HOUR_MS
  const [person, setPerson] = useState('')
  const [begins, setBegins] = useState(writtenTime(start, zone))
  const [ends, setEnds] = useState(writtenTime(start + USUAL_TURN_MS, zone))
  const id = useRef(crypto.randomUUID())
  const [from, until] = [instantOf(begins, zone), instantOf(ends, zone)]
  const submit = async (event) => {
    event.preventDefault()
    await onWrite({ id: id.current, person: Number(person), from, until })
    id.current = crypto.randomUUID()
  }
  const begin = (text) => {
    setBegins(text)
    const at = Date.parse(instantOf(text, zone))
    if (at) setEnds(writtenTime(at + USUAL_TURN_MS, zone))
  }
  return html`<form class="step-form" onSubmit=${submit} aria-label=${t('Write a turn')}>
    <label><span>${t('Person')}</span><${Choice} options=${people.map((each) => ({ value: each.id, label: nameOf(each) }))} value=${person} onChoose=${setPerson} /></label>
    <label><span>${t('From')}</span><input type="datetime-local" value=${begins} onInput=${(event) => begin(event.currentTarget.value)} /></label>
    <label><span>${t('Until')}</span><input type="datetime-local" value=${ends} onInput=${(event) => setEnds(event.currentTarget.value)} /></label>
    <button class="button" type="submit" disabled=${!person || !from || !until}>${t('Write the turn')}</button>
  </form>`
}

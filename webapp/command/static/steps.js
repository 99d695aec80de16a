/** The next steps of an incident as buttons; what a step needs is asked for here, never over the map. */
import { html, useLayoutEffect, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { isBare, lacksOf, StepFields } from './step-fields.js'
import { capOf } from './step-keys.js'
import { moment } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { doerWord, doneWord, nameOf } from '../shared/words.js'

/** From this rank on a step is an exception, and stands behind "more". */
const EXCEPTIONS_FROM = 10

export function NextSteps({ incident }) {
  const { actions } = usePage()
  const [asking, setAsking] = useState(null)
  const [failure, setFailure] = useState(null)
  const [sending, setSending] = useState(false)
  const [more, setMore] = useState(false)
  const waits = useChosen((state) => state.me.waits)
  const mayStep = useChosen((state) => state.me.can.includes('incident.step'))
  const asked = useChosen((state) => state.stepAsked)
  const likeliest = likeliestOf(incident, waits)

  const send = async (step, said) => {
    setSending(true)
    setFailure(null)
    const outcome = await actions.takeStep(incident, step.step, said)
    setSending(false)
    // By now a key may have asked for the step after this one.
    if (outcome.done) setAsking((now) => (now?.step === step ? null : now))
    else setFailure(outcome)
  }
  const begin = (step, said = {}) => {
    setFailure(null)
    if (isBare(step) || !lacksOf(step, said, incident)) send(step, said)
    else setAsking({ step, said })
  }
  const beginLikeliest = () => {
    if (!likeliest.asks) return begin(likeliest.step, likeliest.said)
    setFailure(null)
    setAsking({ step: likeliest.step, said: likeliest.said })
  }
  // Before the next key: what one types after the letter belongs into the form.
  useLayoutEffect(() => {
    if (asked?.id !== incident.id) return
    if (asked.more) return setMore(true)
    const step = incident.steps.find((candidate) => asked.steps.includes(candidate.step))
    if (!step) setFailure({ sentence: t('This step does not lead on from here.') })
    else if (step === likeliest?.step && !asked.other && !asked.said) beginLikeliest()
    else if (asked.other || asked.said) setAsking({ step, said: asked.said ?? {} })
    else begin(step)
  }, [asked])

  if (!mayStep || !incident.steps.length) return null
  const others = incident.steps.filter((step) => step !== likeliest?.step && (more || step.rank < EXCEPTIONS_FROM))
  const hidden = incident.steps.length > others.length + (likeliest ? 1 : 0)
  return html`<section class="steps" aria-label=${t('Next steps')}>
    ${asking
      ? html`<${StepForm} key=${asking.step.step} step=${asking.step} first=${asking.said} incident=${incident} sending=${sending} onSend=${(said) => send(asking.step, said)} onBack=${() => setAsking(null)} />`
      : html`<div class="step-buttons">
          ${likeliest && html`<button class="button primary" disabled=${sending} onClick=${beginLikeliest}>${likeliest.label}<${Cap} step=${likeliest.step.step} /></button>`}
          ${likeliest?.to && html`<button class="button" disabled=${sending} onClick=${() => setAsking({ step: likeliest.step, said: {} })}>${t('To another …')}<kbd>⇧D</kbd></button>`}
          ${others.map((step) => html`<button key=${step.step} class="button" disabled=${sending} onClick=${() => begin(step)}>${step.label}${isBare(step) ? '' : ' …'}<${Cap} step=${step.step} /></button>`)}
          ${hidden && html`<button class="button" onClick=${() => setMore(true)}>${t('More …')}<kbd>.</kbd></button>`}
        </div>`}
    <${Failure} failure=${failure} incident=${incident} />
    ${!asking && html`<${Why} incident=${incident} likeliest=${likeliest} />`}
  </section>`
}

const Cap = ({ step }) => {
  const cap = capOf(step)
  return cap ? html`<kbd>${cap}</kbd>` : null
}

/**
 * The step that is likeliest next, with its addressee, if the incident waits for my hand.
 * @returns {{ step: object, label: string, said: object, to: object|null, asks?: boolean }|null}  `asks`: it is asked for
 */
export function likeliestOf(incident, waits) {
  const { state, steps, route } = incident
  const answer = answerOf(incident, waits)
  if (answer) return answer
  const step = steps.find(({ rank }) => rank > 0)
  if (!step || step.to === state || !waits.includes(state)) return null
  const owner = step.arguments.some(({ kind, asked }) => kind === 'department' && asked === 'one') ? route?.owner : null
  if (!owner) return { step, label: step.label, said: {}, to: null }
  return { step, label: t('%(step)s to %(who)s', { step: step.label, who: nameOf(owner) }), said: { with: { department: owner.code } }, to: owner }
}

/** Granting what is asked, filled in as it was asked; whoever grants it reads the form before it goes. */
function answerOf({ asked = [], log, steps }, waits) {
  const ask = asked.find((each) => waits.includes(each.ask))
  const step = ask && steps.find((each) => each.step === ask.answers[0])
  if (!step) return null
  const said = { with: { ...ask.with }, reason: log.find(({ seq }) => seq === ask.seq)?.reason ?? undefined }
  return { step, label: `${step.label} …`, said, to: null, asks: true }
}

/** Under the buttons: why this addressee; else what the likeliest step will do. */
function Why({ incident, likeliest }) {
  if (!likeliest?.to) return html`<p class="why">${HINTS[likeliest?.step.step]?.() ?? ''}</p>`
  const { assisting, why } = incident.route
  return html`<p class="why">${why.join(' ')}${assisting.length > 0 && ` ${t('Assisting: %(who)s.', { who: assisting.map(nameOf).join(t(', ')) })}`}</p>`
}

const HINTS = {
  file: () => t('Filing starts its clock.'),
  accept: () => t('Accepting makes it yours; its deadline stays.'),
  close: () => t('Closing ends its clock and needs a note on how it was settled.'),
}

/** What went wrong; and where somebody was faster, who did what meanwhile. */
function Failure({ failure, incident }) {
  const { zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 60_000) * 60_000)
  const since = failure?.since ? incident.log.filter(({ seq }) => seq > failure.since) : []
  return html`<div class="step-failure" role="alert">
    ${failure?.sentence}
    ${since.length > 0 &&
    html`<ul>
      ${since.map((row) => html`<li key=${row.seq}>${moment(Date.parse(row.at), now, zone)} ${t('%(who)s %(did)s', { who: row.actor ? nameOf(row.actor) : doerWord(row.role), did: doneWord(row.step) })}</li>`)}
    </ul>`}
  </div>`
}

export function StepForm({ step, first = {}, incident, sending, onSend, onBack }) {
  const [said, setSaid] = useState(first)
  const say = (more) => setSaid((before) => ({ ...before, ...(typeof more === 'function' ? more(before) : more) }))
  const form = useRef()
  useLayoutEffect(() => form.current?.querySelector('textarea, select, input')?.focus(), [])
  const missing = lacksOf(step, said, incident)
  const submit = (event) => {
    event.preventDefault()
    if (!missing && !sending) onSend(said)
  }
  const onKey = (event) => {
    if (event.key === 'Escape') onBack()
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event)
    event.stopPropagation()
  }
  return html`<form ref=${form} class="step-form" aria-label=${step.label} onSubmit=${submit} onKeyDown=${onKey}>
    <${StepFields} step=${step} incident=${incident} said=${said} onSay=${say} />
    <div class="step-buttons pair">
      <button class="button primary" type="submit" disabled=${missing || sending}>${step.label}<kbd>Ctrl ↵</kbd></button>
      <button class="button" type="button" onClick=${onBack}>${t('Back')}<kbd>Esc</kbd></button>
    </div>
  </form>`
}

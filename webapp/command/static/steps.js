/** The next steps of an incident as buttons; what a step needs is asked for here, never over the map. */
import { html, useLayoutEffect, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { useChosen, usePage } from './use-store.js'
import { stepWord } from '../shared/words.js'

export const STEP_KEYS = { file: 'F', close: 'C' }
/** What a desk can give; photos are taken on the phone. */
const GIVEN_HERE = ['note', 'reason']

export function NextSteps({ incident }) {
  const { actions } = usePage()
  const [asking, setAsking] = useState(null)
  const [failure, setFailure] = useState(null)
  const [sending, setSending] = useState(false)
  const mayStep = useChosen((state) => state.me.can.includes('incident.step'))
  const asked = useChosen((state) => state.stepAsked)
  // Before the next key: what one types after the letter belongs into the form.
  useLayoutEffect(() => {
    const step = asked?.id === incident.id && incident.steps.find((candidate) => candidate.step === asked.step)
    if (step) begin(step)
  }, [asked])

  const send = async (step, said) => {
    setSending(true)
    setFailure(null)
    const outcome = await actions.takeStep(incident, step.step, said)
    setSending(false)
    // By now a key may have asked for the step after this one.
    if (outcome.done) setAsking((asked) => (asked === step ? null : asked))
    else setFailure(outcome.sentence)
  }
  const begin = (step) => {
    setFailure(null)
    if (step.needs.length) setAsking(step)
    else send(step, {})
  }
  const steps = incident.steps.filter((step) => step.needs.every((need) => GIVEN_HERE.includes(need)))
  if (!mayStep || !steps.length) return null
  return html`<section class="steps" aria-label=${t('Next steps')}>
    ${asking
      ? html`<${StepForm} step=${asking} sending=${sending} onSend=${(said) => send(asking, said)} onBack=${() => setAsking(null)} />`
      : html`<div class="step-buttons">
          ${steps.map(
            (step, i) =>
              html`<button key=${step.step} class="button ${i === 0 ? 'primary' : ''}" disabled=${sending} onClick=${() => begin(step)}>
                ${stepWord(step.step)}${STEP_KEYS[step.step] && html`<kbd>${STEP_KEYS[step.step]}</kbd>`}
              </button>`,
          )}
        </div>`}
    <p class="step-failure" role="alert">${failure}</p>
    <p class="why">${hint(steps[0])}</p>
  </section>`
}

/** One grey sentence under the buttons: what the likeliest step will do. */
const hint = ({ step }) =>
  ({
    file: t('Filing starts its clock.'),
    accept: t('Accepting makes it yours; its deadline stays.'),
    close: t('Closing ends its clock and needs a note on how it was settled.'),
  })[step] ?? ''

const fieldWords = () => ({ note: t('How it was settled'), reason: t('Reason') })

function StepForm({ step, sending, onSend, onBack }) {
  const [said, setSaid] = useState({})
  const first = useRef()
  useLayoutEffect(() => first.current?.focus(), [])
  const missing = step.needs.some((need) => !said[need]?.trim())
  const words = fieldWords()
  const submit = (event) => {
    event.preventDefault()
    if (!missing && !sending) onSend(said)
  }
  const onKey = (event) => {
    if (event.key === 'Escape') onBack()
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event)
    event.stopPropagation()
  }
  return html`<form class="step-form" onSubmit=${submit} onKeyDown=${onKey}>
    ${step.needs.map(
      (need, i) => html`<label key=${need}>
        <span>${words[need] ?? need}</span>
        <textarea
          ref=${i === 0 ? first : undefined}
          rows="3"
          maxlength="4000"
          required
          value=${said[need] ?? ''}
          onInput=${(event) => setSaid({ ...said, [need]: event.currentTarget.value })}
        ></textarea>
      </label>`,
    )}
    <div class="step-buttons pair">
      <button class="button primary" type="submit" disabled=${missing || sending}>${stepWord(step.step)}<kbd>Ctrl ↵</kbd></button>
      <button class="button" type="button" onClick=${onBack}>${t('Back')}<kbd>Esc</kbd></button>
    </div>
  </form>`
}

/** The next steps as the server names them; each goes through the queue, so that a dead line loses none. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { Checklists, lacksAnswers } from '../shared/checklist.js'
import { t } from '../shared/i18n.js'
import { stepWord } from '../shared/words.js'
import { FixFields } from './fixed-on-the-spot.js'
import { letGo } from './photos.js'
import { PhotoStrip } from './photo-strip.js'
import { queuedSteps } from './tasks.js'
import { usePage, useWorld } from './world.js'

/** What a person on the spot does first. */
const ORDER = ['accept', 'handle', 'verify', 'check', 'fix', 'feedback', 'close', 'file']
const emptySaid = () => ({ photos: [], after: [], note: '', answers: {} })

export function IncidentSteps({ incident }) {
  const { actions } = usePage()
  const queued = useWorld((state) => queuedSteps(state.items).get(incident.id) ?? null)
  const [asking, setAsking] = useState(null)
  const [failure, setFailure] = useState(null)
  const ids = useRef({})
  const steps = [...(incident.steps ?? [])].sort((a, b) => ORDER.indexOf(a.step) - ORDER.indexOf(b.step))

  // A form that is being filled in stays, whatever becomes of the incident meanwhile: the server judges what it says.
  const take = async (step, said) => {
    setFailure(null)
    const outcome = await actions.takeStep(incident, step.step, said, ids.current)
    if (!outcome.done) setFailure(outcome.sentence)
  }
  const begin = (step) => {
    setFailure(null)
    if (step.needs.length) setAsking(step)
    else take(step, emptySaid())
  }
  if (queued) return html`<footer class="foot"><p class="why" role="status">${t('“%(step)s” is kept on the phone and on its way.', { step: stepWord(queued) })}</p></footer>`
  if (!steps.length && !asking) return null
  return html`<footer class="foot steps">
    <p class="failure" role="alert">${failure}</p>
    ${asking
      ? html`<${StepForm} step=${asking} checklists=${asksChecklists(asking) ? incident.checklists ?? [] : []} onSend=${(said) => take(asking, said)} onBack=${() => setAsking(null)} />`
      : html`<div class=${steps.length > 1 ? 'pair' : ''}>
          ${steps.map((step, i) => html`<button key=${step.step} class="large ${i === 0 ? 'primary' : ''}" onClick=${() => begin(step)}>${stepWord(step.step)}</button>`)}
        </div>`}
  </footer>`
}

const asksChecklists = (step) => step.arguments?.some(({ kind }) => kind === 'checklist')

/** What a step needs, as the server says it: a note, a photo of before, one of after, the questions of its class. */
function StepForm({ step, checklists, onSend, onBack }) {
  const [said, setSaid] = useState(emptySaid)
  const latest = useRef(said)
  latest.current = said
  useEffect(() => () => [...latest.current.photos, ...latest.current.after].forEach(letGo), [])
  const change = (changes) => setSaid((before) => ({ ...before, ...changes }))
  const has = { note: said.note.trim() !== '', before: said.photos.length > 0, after: said.after.length > 0 }
  const lacks = step.needs.some((need) => !has[need]) || lacksAnswers(checklists, said.answers)
  return html`<form class="step-form" aria-label=${stepWord(step.step)} onSubmit=${(event) => {
    event.preventDefault()
    if (!lacks) onSend(said)
  }}>
    <${Checklists} lists=${checklists} answers=${said.answers} onAnswers=${(answers) => change({ answers })} />
    ${step.needs.includes('before') && html`<${PhotoStrip} title=${t('Before')} photos=${said.photos} onChange=${(photos) => change({ photos })} />`}
    ${step.needs.includes('after')
      ? html`<${FixFields} draft=${said} onChange=${change} />`
      : step.needs.includes('note') &&
        html`<label class="part"><span class="part-title">${t('How it was settled')}</span><textarea autocomplete="off" rows="2" maxlength="4000" value=${said.note} onInput=${(event) => change({ note: event.currentTarget.value })}></textarea></label>`}
    <div class="pair">
      <button type="button" class="large" onClick=${onBack}>${t('Back')}</button>
      <button class="large primary" disabled=${lacks}>${stepWord(step.step)}</button>
    </div>
  </form>`
}

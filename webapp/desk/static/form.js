/** The forms of the desks: one look, one way by keyboard, one place for what went wrong. */
import { html, useLayoutEffect, useRef } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { useDeed } from './use-deed.js'

/**
 * A form that is sent once it lacks nothing; Escape leaves it.
 * @param {{ verb: string, said: object, lacking: boolean, send: (body: object) => Promise<any>,
 *           onDone: () => void, onBack: () => void, children: any }} props  `said` is what is sent beside the id
 */
export function Form({ verb, said, lacking, send, onDone, onBack, children }) {
  const form = useRef()
  const { sending, failure, go } = useDeed(send, onDone)
  useLayoutEffect(() => form.current.querySelector('textarea, select, input')?.focus(), [])
  const submit = (event) => {
    event.preventDefault()
    if (!lacking && !sending) go(said)
  }
  const onKey = (event) => {
    if (event.key === 'Escape') onBack()
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event)
    event.stopPropagation()
  }
  return html`<form ref=${form} class="step-form desk-form" aria-label=${verb} onSubmit=${submit} onKeyDown=${onKey}>
    ${children}
    <p class="step-failure" role="alert">${failure}</p>
    <div class="step-buttons pair">
      <button class="button primary" type="submit" disabled=${lacking || sending}>${verb}<kbd>Ctrl ↵</kbd></button>
      <button class="button" type="button" onClick=${onBack}>${t('Back')}<kbd>Esc</kbd></button>
    </div>
  </form>`
}

export function Note({ label = t('Note'), value, needed = false, onSay }) {
  return html`<label><span>${label}</span><textarea rows="3" maxlength="4000" required=${needed} value=${value ?? ''} onInput=${(event) => onSay(event.currentTarget.value)}></textarea></label>`
}

/** @param {{ label: string, options: { value: string, label: string }[], value: string, onChoose: (value: string) => void }} props */
export function Choice({ label, options, value, onChoose }) {
  return html`<label><span>${label}</span>
    <select required value=${value ?? ''} onChange=${(event) => onChoose(event.currentTarget.value)}>
      <option value=""></option>
      ${options.map((option) => html`<option key=${option.value} value=${option.value}>${option.label}</option>`)}
    </select>
  </label>`
}

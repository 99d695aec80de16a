/** What the tool in hand waits for: a hint, its buttons, or a form where something is to be written. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { onFormKey, takeFocus } from './panel-form.js'

/** Names are not longer than a label on the map can be. */
const LONGEST_NAME = 80

export function InHand({ state: { hint, offers, form } }) {
  if (!hint && !offers.length && !form) return null
  return html`<div class="floating in-hand">
    ${hint && html`<p>${hint}</p>`}
    ${form && html`<${Form} key=${form.key} form=${form} />`}
    ${offers.length > 0 && html`<div class="offers" role="group" aria-label=${t('For this tool')}>${offers.map((offer) => html`<${Offer} ...${offer} key=${offer.key} />`)}</div>`}
  </div>`
}

function Offer({ word, icon, primary, pressed, disabled, run }) {
  return html`<button class=${`button small ${primary ? 'primary' : ''}`} aria-pressed=${pressed === undefined ? undefined : String(pressed)} disabled=${disabled} onClick=${run}>
    ${icon && html`<${Icon} name=${icon} size=${16} />`}${word}
  </button>`
}

/** It waits for its own answer alone: what else the server is at work on does not hold it up. */
function Form({ form: { title, fields, word, run, leave } }) {
  const [values, setValues] = useState(() => Object.fromEntries(fields.map(({ name, value }) => [name, value ?? ''])))
  const [sent, setSent] = useState(false)
  const missing = fields.some(({ name, required }) => required && !values[name].trim())
  const send = async (event) => {
    event.preventDefault()
    if (missing || sent) return
    setSent(true)
    await run(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim()])))
    setSent(false)
  }
  return html`<form class="in-hand-form" aria-label=${title} onSubmit=${send} onKeyDown=${(event) => onFormKey(event, leave)}>
    ${fields.map(
      ({ name, label }, i) => html`<label key=${name}>${label}
        <input name=${name} maxlength=${LONGEST_NAME} autocomplete="off" value=${values[name]} ref=${i ? undefined : takeFocus} onInput=${(event) => setValues({ ...values, [name]: event.currentTarget.value })} />
      </label>`,
    )}
    <button class="button small primary" disabled=${missing || sent}>${word}</button>
    <button class="button small" type="button" onClick=${leave}>${t('Leave it')}</button>
  </form>`
}

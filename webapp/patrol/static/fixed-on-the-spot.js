/** 当场已处理: what is small and done at once is reported and closed in one go, with a photo of before and one of after. */
import { html, useId } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { PhotoStrip } from './photo-strip.js'

export function FixedSwitch({ fixed, onChange }) {
  const id = useId()
  return html`<div class="switch">
    <input id=${id} type="checkbox" role="switch" checked=${fixed} onChange=${(event) => onChange(event.currentTarget.checked)} />
    <label for=${id}>${t('Fixed on the spot')}</label>
  </div>`
}

/** How it looks now, and how it was done: as a report and as a step of an incident. */
export function FixFields({ draft, onChange }) {
  return html`<${PhotoStrip} title=${t('After')} photos=${draft.after} onChange=${(after) => onChange({ after })} />
    <label class="part">
      <span class="part-title">${t('How it was fixed')}</span>
      <textarea autocomplete="off" rows="2" maxlength="4000" value=${draft.note} onInput=${(event) => onChange({ note: event.currentTarget.value })}></textarea>
    </label>`
}

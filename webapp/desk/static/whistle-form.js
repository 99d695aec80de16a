/** Blow the whistle: which departments, to which place, for which incident; with what was decided of matters like it. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { classText, nameOf, whereText } from '../shared/words.js'
import { useChosen, usePage } from '../command/use-store.js'
import { Choice, Form, Note } from './form.js'
import { PlaceChoice } from './place-choice.js'
import { precedentText } from './precedent.js'
import * as requests from './requests.js'
import { useWhistling } from './use-whistling.js'

export function WhistleForm({ onDone }) {
  const { actions } = usePage()
  const rows = useChosen((state) => state.rows)
  const selected = useChosen((state) => (state.selection?.kind === 'incident' ? state.selection.id : ''))
  const [incident, choose] = useState(selected)
  const [whistling, failure] = useWhistling(incident)
  const [departments, call] = useState([])
  const [place, setPlace] = useState(null)
  const [note, say] = useState('')
  useEffect(() => selected && choose(selected), [selected])
  useEffect(() => call((whistling?.departments ?? []).filter(({ duty, called }) => duty === 'owner' && !called).map(({ code }) => code)), [whistling])

  const back = () => actions.whistle(false)
  const said = { incident, departments, ...(place && { place }), ...(note.trim() && { note }) }
  const done = () => {
    back()
    onDone()
  }
  return html`<${Form} verb=${t('Blow the whistle')} said=${said} lacking=${!incident || !departments.length || place === undefined} send=${requests.whistle} onDone=${done} onBack=${back}>
    <${Choice} label=${t('For the incident')} value=${incident} onChoose=${choose} options=${rows.slice(0, 200).map((row) => ({ value: row.id, label: [classText(row), whereText(row), row.number].join(' · ') }))} />
    ${failure && html`<p class="step-failure" role="alert">${failure}</p>`}
    ${whistling && html`<${Departments} whistling=${whistling} called=${departments} onCall=${call} />`}
    <${PlaceChoice} label=${t('To which place')} ways=${['incident', 'here', 'map']} onPlace=${setPlace} />
    <${Note} value=${note} onSay=${say} />
  <//>`
}

function Departments({ whistling: { departments, route, precedents, terms }, called, onCall }) {
  const toggle = (code) => onCall(called.includes(code) ? called.filter((one) => one !== code) : [...called, code])
  const duty = { owner: t('its duty'), assisting: t('assists') }
  return html`<fieldset class="departments">
      <legend>${t('Departments')}</legend>
      ${departments.map(
        (one) => html`<label key=${one.code} class="tick">
          <input type="checkbox" checked=${called.includes(one.code)} disabled=${one.called} onChange=${() => toggle(one.code)} />
          <span>${nameOf(one)}${one.duty && html` <i class="state">${duty[one.duty]}</i>`}${one.called && html` <i class="state">${t('called already')}</i>`}</span>
        </label>`,
      )}
      ${!departments.length && html`<p class="why">${t('No department can be called here.')}</p>`}
    </fieldset>
    ${[...route.why, ...terms.acknowledge.why, ...terms.arrive.why].map((sentence) => html`<p class="why" key=${sentence}>${sentence}</p>`)}
    ${precedents.map((one) => html`<p class="why" key=${one.id}>${precedentText(one)}</p>`)}`
}

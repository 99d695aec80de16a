/** The fields of the form of a step, as the server describes them; nothing here knows a step by its name. */
import { html, useEffect, useMemo, useState } from '../vendor/preact.js'
import { Checklists, lacksAnswers } from '../shared/checklist.js'
import { locale, t } from '../shared/i18n.js'
import { instantOf, writtenTime } from '../shared/time.js'
import { OptionPicker } from './option-picker.js'
import { PlaceField } from './place-field.js'
import * as requests from './requests.js'
import { PhotoField } from './step-photos.js'
import { usePage } from './use-store.js'
import { nameOf } from '../shared/words.js'

const SETTLING = ['handled', 'closed']
const NUMBERS = ['severity', 'party', 'person', 'amount']
const PHOTOS = ['before', 'after']

/** Whether a step may go without a word. */
export const isBare = (step) => !step.needs.length && step.arguments.every(({ asked }) => asked === 'optional')

/** The photos that a step needs, by role. */
export const photosOf = (step) => step.needs.filter((need) => PHOTOS.includes(need))

/**
 * Whether something is missing that the step is nothing without.
 * @param {object} incident  its checklists say which answers are needed
 */
export function lacksOf(step, said, incident = {}) {
  const blank = (name) => isBlank(said.with?.[name])
  const one = step.arguments.filter(({ asked }) => asked === 'one')
  const photos = photosOf(step)
  const words = step.needs.filter((need) => !photos.includes(need))
  return (
    words.some((need) => !said[need]?.trim()) ||
    photos.some((role) => !said.media?.some((photo) => photo.role === role)) ||
    step.arguments.some(({ name, asked }) => asked === 'required' && blank(name)) ||
    (one.length > 0 && one.filter(({ name }) => !blank(name)).length !== 1) ||
    (step.arguments.some(({ kind }) => kind === 'checklist') && lacksAnswers(incident.checklists ?? [], said.with?.checklist ?? {}))
  )
}

const isBlank = (value) => value === undefined || value === null || String(value).trim() === ''

/** @param {{ onSay: (more: object | ((said: object) => object)) => void }} props  more of what the step says */
export function StepFields({ step, incident, said, onSay }) {
  const tell = (name, value) => {
    const { [name]: _, ...others } = said.with ?? {}
    onSay({ with: isBlank(value) ? others : { ...others, [name]: NUMBERS.includes(name) ? Number(value) : value } })
  }
  // Two photos are on their way at once: each is added to what was said when it arrives, not when it was chosen.
  const setPhoto = (role, photo) => onSay(({ media = [] }) => ({ media: [...media.filter((other) => other.role !== role), ...(photo ? [photo] : [])] }))
  return html`
    ${step.reasons.length > 0 &&
    html`<label><span>${t('Reason')}</span><${Choice} options=${step.reasons.map((reason) => ({ value: reason.code, label: nameOf(reason) }))} value=${said.reason ?? ''} onChoose=${(reason) => onSay({ reason })} /></label>`}
    ${step.arguments.map((field) => html`<${Field} key=${field.name} field=${field} incident=${incident} value=${said.with?.[field.name] ?? ''} onTell=${(value) => tell(field.name, value)} />`)}
    ${photosOf(step).map((role) => html`<${PhotoField} key=${role} role=${role} photo=${said.media?.find((photo) => photo.role === role)} onPhoto=${(photo) => setPhoto(role, photo)} />`)}
    <label>
      <span>${SETTLING.includes(step.to) && step.to !== incident.state ? t('How it was settled') : t('Note')}</span>
      <textarea rows="3" maxlength="4000" required=${step.needs.includes('note')} value=${said.note ?? ''} onInput=${(event) => onSay({ note: event.currentTarget.value })}></textarea>
    </label>`
}

function Field({ field, incident, value, onTell }) {
  const { zone } = usePage()
  const Own = OWN_FIELDS[field.kind]
  if (Own) return html`<${Own} field=${field} incident=${incident} value=${value} onTell=${onTell} />`
  const labelled = (input) => html`<label><span>${field.label}</span>${input}</label>`
  if (field.choices) return labelled(html`<${Choice} options=${field.choices} value=${value} onChoose=${onTell} />`)
  if (field.kind === 'party') {
    const parties = incident.parties.filter((party) => party.takes_part)
    return labelled(html`<${Choice} options=${parties.map((party) => ({ value: party.party, label: nameOf(party) }))} value=${value} onChoose=${onTell} />`)
  }
  if (field.kind === 'flag') {
    const options = [{ value: 'yes', label: t('Yes') }, { value: 'no', label: t('No') }]
    return labelled(html`<${Choice} options=${options} value=${value === '' ? '' : value ? 'yes' : 'no'} onChoose=${(word) => onTell(word === '' ? null : word === 'yes')} />`)
  }
  if (field.kind === 'instant') {
    // Hours are those of the district, whatever clock this desk has.
    return labelled(html`<input type="datetime-local" value=${value ? writtenTime(Date.parse(value), zone) : ''} onChange=${(event) => onTell(instantOf(event.currentTarget.value, zone))} />`)
  }
  return labelled(html`<input type=${field.kind === 'number' ? 'number' : 'text'} min="1" maxlength="64" value=${value} onInput=${(event) => onTell(event.currentTarget.value)} />`)
}

export function Choice({ options, value, onChoose }) {
  return html`<select value=${value} onChange=${(event) => onChoose(event.currentTarget.value)}>
    <option value=""></option>
    ${options.map((option) => html`<option key=${option.value} value=${option.value} selected=${String(option.value) === String(value)}>${option.label}</option>`)}
  </select>`
}

/** Whom it can be given to is asked for when the form opens; whose duty it is stands first. */
function TargetField({ field, incident, value, onTell }) {
  const targets = useAsked(() => requests.targetsOf(incident.id), [incident.id])
  const options = useMemo(() => targetOptions(targets, field.kind, incident.route), [targets, field.kind, incident.route])
  return html`<div class="field"><span>${field.label}</span><${OptionPicker} label=${field.label} options=${options} value=${value} onChoose=${onTell} /></div>`
}

function targetOptions(targets, kind, route) {
  const first = [route?.owner?.code, ...(route?.assisting ?? []).map(({ code }) => code)]
  const rank = ({ value }) => (first.includes(value) ? first.indexOf(value) : first.length)
  const beside = (code) => (code && code === first[0] ? t('in charge') : first.includes(code) ? t('assists') : '')
  return targets
    .filter((target) => target.kind === kind)
    .map((target) => ({ value: target.code ?? target.person, label: nameOf(target), beside: target.code ? beside(target.code) : '' }))
    .sort((a, b) => rank(a) - rank(b))
}

function CategoryField({ field, value, onTell }) {
  const classes = useAsked(requests.categories, [])
  const options = useMemo(() => classes.filter(({ offered }) => offered !== false).map((each) => ({ value: each.code, label: nameOf(each), beside: each.code })), [classes, locale()])
  return html`<div class="field"><span>${field.label}</span><${OptionPicker} label=${field.label} options=${options} value=${value} onChoose=${onTell} /></div>`
}

/** A number that is typed, or one of those that may be the same. */
function IncidentField({ field, incident, value, onTell }) {
  const similar = useAsked(() => (incident.similar?.length ? Promise.resolve(incident.similar) : requests.similarTo(incident.id)), [incident.id])
  return html`<label>
    <span>${field.label}</span>
    <input type="text" maxlength="64" list="similar-numbers" autocomplete="off" value=${value} onInput=${(event) => onTell(event.currentTarget.value.trim())} />
    <datalist id="similar-numbers">${similar.map((other) => html`<option key=${other.id} value=${other.number}>${other.why.join(' ')}</option>`)}</datalist>
  </label>`
}

function ChecklistField({ incident, value, onTell }) {
  return html`<${Checklists} lists=${incident.checklists ?? []} answers=${value || {}} onAnswers=${(answers) => onTell(Object.keys(answers).length ? answers : null)} />`
}

const OWN_FIELDS = { department: TargetField, person: TargetField, category: CategoryField, incident: IncidentField, checklist: ChecklistField, place: PlaceField }

/** What the server has for a field; an empty list until it answers, and where it does not. */
function useAsked(ask, about) {
  const [items, setItems] = useState([])
  useEffect(() => {
    let open = true
    ask().then(
      (found) => open && setItems(found),
      (problem) => {
        if (problem.status === undefined) throw problem
      },
    )
    return () => (open = false)
  }, about)
  return items
}

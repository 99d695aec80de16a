/** A hazard that goes into the ledger. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { DeedFoot, useCreation, useDeed } from '../admin/deed.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { nameOf, severityWord } from '../shared/words.js'
import { PhotoField, sendPhotos } from './photo-field.js'

/**
 * @param {{ spot: {lon: number, lat: number}|null, from: object|null, onMade: (id: string) => void, onLeave: () => void }} props
 *   `from`: the incident with which it was found, which says what, where and how grave
 */
export function HazardForm({ spot, from, onMade, onLeave }) {
  const [said, say] = useState(from ? wordsOf(from) : { what: '', severity: '3', category: '', party: '', department: '' })
  const [files, setFiles] = useState([])
  const [classes, setClasses] = useState([])
  const [offices, setOffices] = useState([])
  const deed = useDeed()
  const create = useCreation()
  useEffect(() => {
    api.get('/categories').then(({ items }) => setClasses(items.filter(({ parent, offered }) => parent && offered)))
    api.get('/catalogue/choices', { of: 'department' }).then(({ items }) => setOffices(items))
  }, [])
  const field = (name) => ({ value: said[name], onInput: (event) => say({ ...said, [name]: event.target.value }) })
  const submit = (event) => {
    event.preventDefault()
    deed.run(async () => {
      const media = await sendPhotos(files)
      const hazard = {
        what: said.what.trim(), severity: Number(said.severity), category: said.category || null, party: said.party.trim(), department: said.department || null, media,
        place: { ...spot, method: 'pin' }, incident: from?.id ?? null,
      }
      const made = await create((id) => api.post('/hazards', { id, ...hazard }))
      onMade(made.id)
    })
  }
  return html`<form class="card-form" onSubmit=${submit}>
    <header class="card-head"><h2>${t('Write down a hazard')}</h2><button type="button" class="tool" aria-label=${t('Close the card')} onClick=${onLeave}><${Icon} name="close" /></button></header>
    ${from && html`<p class="explained">${t('Found with incident %(number)s', from)}</p>`}
    <label>${t('What is wrong')}<textarea ...${field('what')} rows="3" maxlength="2000" required autofocus></textarea></label>
    <div class="pair">
      <label>${t('Severity')}<select ...${field('severity')}>${[1, 2, 3, 4].map((n) => html`<option key=${n} value=${String(n)}>${severityWord(n)}</option>`)}</select></label>
      <label>${t('Class')}<select ...${field('category')}><option value="">${t('No class yet')}</option>${listed(classes, from?.category).map((one) => html`<option key=${one.code} value=${one.code}>${nameOf(one)}</option>`)}</select></label>
    </div>
    <label>${t('Who has to put it right')}<input ...${field('party')} maxlength="200" autocomplete="off" /></label>
    <label>${t('Department')}<select ...${field('department')}><option value="">${t('None yet')}</option>${listed(offices, from?.holder?.department).map((one) => html`<option key=${one.code} value=${one.code}>${nameOf(one)}</option>`)}</select></label>
    <${PhotoField} files=${files} onFiles=${setFiles} />
    <p class="explained">${spot ? html`<span class="code">${spot.lon.toFixed(6)}, ${spot.lat.toFixed(6)}</span>` : t('Click on the map to say where it is.')}</p>
    <div class="buttons"><button class="button primary" disabled=${deed.busy || !spot || !said.what.trim()}>${t('Write down')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

/** What an incident says of the hazard that is behind it: its first words, its class, how grave it is, who has it. */
function wordsOf({ category, severity, sources, holder }) {
  const told = sources?.find(({ text }) => text)?.text
  return { what: told ?? (category ? nameOf(category) : ''), severity: String(severity), category: category?.code ?? '', party: '', department: holder?.department?.code ?? '' }
}

/** What the incident names can be kept, although it is not among what is offered. */
const listed = (choices, own) => (own && !choices.some(({ code }) => code === own.code) ? [own, ...choices] : choices)

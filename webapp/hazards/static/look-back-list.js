/** Who looks again at a closed hazard and when, and what was seen. */
import { html, useRef, useState } from '../vendor/preact.js'
import { DeedFoot, useDeed } from '../admin/deed.js'
import { shortMoment } from '../admin/register-words.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { nameOf } from '../shared/words.js'
import { outcomeWord } from './hazard-words.js'
import { PhotoField, PhotoRow, sendPhotos } from './photo-field.js'

export function LookBackList({ hazard, zone, onChanged }) {
  const [asks, ask] = useState(null)
  if (!hazard.look_backs.length) return null
  const next = hazard.look_backs.find((one) => !one.done_at)
  return html`<section class="card-part">
    <h3>${t('Look-backs')}</h3>
    <ol class="look-backs">${hazard.look_backs.map((one) => html`<li key=${one.id}>
      <span class=${one.overdue ? 'warned' : ''}>${shortMoment(one.due_at, zone)}</span>
      <b>${one.outcome ? outcomeWord(one.outcome) : t('due')}</b>
      ${one.note && html`<span class="meta">${one.note}${one.by && ` · ${nameOf(one.by)}`}</span>`}
      <${PhotoRow} photos=${one.photos} />
    </li>`)}</ol>
    ${next && hazard.can.work && asks === null && html`<div class="buttons">${next.soon && html`<button class="button" onClick=${() => ask('held')}>${t('It held')}</button>`}<button class="button" onClick=${() => ask('recurred')}>${t('It came again')}</button></div>`}
    ${asks && html`<${Seen} key=${asks} lookBack=${next} outcome=${asks} onChanged=${onChanged} onLeave=${() => ask(null)} />`}
  </section>`
}

function Seen({ lookBack, outcome, onChanged, onLeave }) {
  const [note, setNote] = useState('')
  const [files, setFiles] = useState([])
  const ids = useRef({ id: crypto.randomUUID(), hazard: crypto.randomUUID() })
  const deed = useDeed()
  const again = outcome === 'recurred'
  const submit = (event) => {
    event.preventDefault()
    deed.run(async () => {
      const seen = { id: ids.current.id, outcome, note: note.trim(), media: await sendPhotos(files) }
      const { hazard } = await api.post(`/look-backs/${lookBack.id}/done`, again ? { ...seen, hazard: ids.current.hazard } : seen)
      onChanged(hazard ?? undefined)
    })
  }
  return html`<form class="sheet-form" onSubmit=${submit}>
    <label>${again ? t('What is wrong again') : t('What was seen at the place')}<textarea rows="2" maxlength="2000" value=${note} onInput=${(event) => setNote(event.target.value)} required autofocus></textarea></label>
    <${PhotoField} files=${files} onFiles=${setFiles} />
    ${again && html`<p class="explained">${t('It becomes a new hazard with a number of its own, and names this one.')}</p>`}
    <div class="buttons"><button class="button primary" disabled=${deed.busy || !note.trim()}>${again ? t('It came again') : t('It held')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

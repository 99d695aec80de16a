/** The notices of a hazard: issue one, say how it was delivered, write down the answer. */
import { html, useState } from '../vendor/preact.js'
import { DeedFoot, useCreation, useDeed } from '../admin/deed.js'
import { shortMoment } from '../admin/register-words.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { instantOf } from '../shared/time.js'
import { deliveries, deliveryWord } from './hazard-words.js'
import { PhotoField, PhotoRow, sendPhotos } from './photo-field.js'

export function NoticeList({ hazard, zone, onChanged }) {
  const [asks, ask] = useState(null)
  const { notices, can } = hazard
  if (!notices.length && !can.issue) return null
  const done = () => {
    ask(null)
    onChanged()
  }
  const holding = notices.find((one) => one.replaced_by === null)
  const waits = holding && !holding.answered_at && can.work && hazard.state === 'rectifying'
  return html`<section class="card-part">
    <h3>${t('Rectification notices')}</h3>
    ${notices.map((one) => html`<${Notice} key=${one.id} one=${one} zone=${zone} />`)}
    ${asks === null && html`<div class="buttons">
      ${waits && !holding.delivered_at && html`<button class="button" onClick=${() => ask('delivery')}>${t('Say how it was delivered')}</button>`}
      ${waits && html`<button class="button" onClick=${() => ask('answer')}>${t('Write down the answer')}</button>`}
      ${can.issue && html`<button class="button ${notices.length ? '' : 'primary'}" onClick=${() => ask('issue')}>${notices.length ? t('Issue anew') : t('Issue a rectification notice')}</button>`}
    </div>`}
    ${asks === 'issue' && html`<${Issue} hazard=${hazard} zone=${zone} onDone=${done} onLeave=${() => ask(null)} />`}
    ${asks === 'delivery' && html`<${Delivery} notice=${holding} onDone=${done} onLeave=${() => ask(null)} />`}
    ${asks === 'answer' && html`<${Answer} notice=${holding} onDone=${done} onLeave=${() => ask(null)} />`}
  </section>`
}

function Notice({ one, zone }) {
  const deed = useDeed()
  return html`<article class="notice-row" data-past=${one.replaced_by ? '' : undefined}>
    <div class="section-head"><b class="code">${one.number}</b><button class="link" onClick=${() => deed.run(() => api.download(one.document.replace('/api/v1', '')))}><${Icon} name="file" size=${16} />${t('Letter (PDF)')}</button></div>
    <p>${one.party}</p>
    <p class="demands">${one.demands}</p>
    <p class="meta">${t('Issued %(time)s', { time: shortMoment(one.issued_at, zone) })}${one.replaced_by && ` · ${t('replaced by a newer one')}`}</p>
    ${!one.replaced_by && one.why.map((why) => html`<p key=${why} class="meta ${one.overdue ? 'warned' : ''}">${why}</p>`)}
    ${one.delivered_at && html`<p class="meta">${[deliveryWord(one.delivered_how), one.delivered_to, shortMoment(one.delivered_at, zone)].filter(Boolean).join(' · ')}</p>`}
    ${one.answered_at && html`<p class="meta">${t('Answered %(time)s', { time: shortMoment(one.answered_at, zone) })}</p><p>${one.answer}</p>`}
    <${PhotoRow} photos=${one.photos} />
    <${DeedFoot} deed=${deed} />
  </article>`
}

function Issue({ hazard, zone, onDone, onLeave }) {
  const [said, say] = useState({ party: hazard.party, demands: hazard.notices[0]?.demands ?? '', due: '' })
  const deed = useDeed()
  const create = useCreation()
  const field = (name) => ({ value: said[name], onInput: (event) => say({ ...said, [name]: event.target.value }) })
  const submit = (event) => {
    event.preventDefault()
    const notice = { party: said.party.trim(), demands: said.demands.trim(), due_at: said.due ? instantOf(said.due, zone) : null }
    deed.run(async () => {
      await create((id) => api.post(`/hazards/${hazard.id}/notices`, { id, ...notice }))
      onDone()
    })
  }
  return html`<form class="sheet-form" onSubmit=${submit}>
    <label>${t('Who has to put it right')}<input ...${field('party')} maxlength="200" required autofocus /></label>
    <label>${t('What is demanded')}<textarea ...${field('demands')} rows="3" maxlength="2000" required></textarea></label>
    <label>${t('To be put right by')}<input ...${field('due')} type="datetime-local" /><span class="explained">${t('By the rule of its severity, if left empty.')}</span></label>
    ${hazard.notices.length > 0 && html`<p class="explained">${t('The notice that was issued before keeps its number and is replaced.')}</p>`}
    <div class="buttons"><button class="button primary" disabled=${deed.busy}>${t('Issue')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

function Delivery({ notice, onDone, onLeave }) {
  const [said, say] = useState({ how: 'hand', to: '' })
  const deed = useDeed()
  const submit = (event) => {
    event.preventDefault()
    deed.run(async () => {
      await api.post(`/rectification-notices/${notice.id}/delivery`, { how: said.how, to: said.to.trim() || null })
      onDone()
    })
  }
  return html`<form class="sheet-form" onSubmit=${submit}>
    <label>${t('How')}<select value=${said.how} onChange=${(event) => say({ ...said, how: event.target.value })}>${deliveries().map(([name, word]) => html`<option key=${name} value=${name}>${word}</option>`)}</select></label>
    <label>${t('Who took it')}<input value=${said.to} maxlength="200" onInput=${(event) => say({ ...said, to: event.target.value })} /></label>
    <div class="buttons"><button class="button primary" disabled=${deed.busy}>${t('Delivered')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

function Answer({ notice, onDone, onLeave }) {
  const [answer, setAnswer] = useState('')
  const [files, setFiles] = useState([])
  const deed = useDeed()
  const submit = (event) => {
    event.preventDefault()
    deed.run(async () => {
      await api.post(`/rectification-notices/${notice.id}/answer`, { answer: answer.trim(), media: await sendPhotos(files) })
      onDone()
    })
  }
  return html`<form class="sheet-form" onSubmit=${submit}>
    <label>${t('What the party answers')}<textarea rows="3" maxlength="2000" value=${answer} onInput=${(event) => setAnswer(event.target.value)} required autofocus></textarea></label>
    <${PhotoField} files=${files} onFiles=${setFiles} />
    <div class="buttons"><button class="button primary" disabled=${deed.busy || !files.length}>${t('Write down')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

/** One order: what was said, both numbers, who called, and that they were spoken with. */
import { html, useState } from '../vendor/preact.js'
import { DeedFoot, useCreation, useDeed } from '../admin/deed.js'
import { shortMoment } from '../admin/register-words.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { classText, isEnded, nameOf, severityWord, stateWord } from '../shared/words.js'
import { CallerBlock } from './caller-block.js'
import { channelText, clockOf, satisfiedWord } from './hotline-words.js'

export function OrderDetail({ order, zone, works, onChanged, onClose }) {
  const { incident } = order
  const clock = clockOf(order, zone)
  return html`<header class="card-head">
      <div><h2>${order.number}</h2><p class="meta">${channelText(order.channel)} · <a href=${`/?incident=${incident.id}`}>${incident.number}</a></p></div>
      <button class="tool" aria-label=${t('Close the card')} onClick=${onClose}><${Icon} name="close" /></button>
    </header>
    <section class="card-part">
      <p class="said">${order.text}</p>
      <dl class="facts">
        <div><dt>${t('First contact')}</dt><dd><span class=${clock.late ? 'warned' : undefined}>${clock.text}</span></dd></div>
        <div><dt>${t('Class')}</dt><dd>${classText(incident)} · ${severityWord(incident.severity)}</dd></div>
        <div><dt>${t('State')}</dt><dd>${stateWord(incident.state)}</dd></div>
        <div><dt>${t('Grid')}</dt><dd>${order.grid ? nameOf(order.grid) : t('not placed')}</dd></div>
        <div><dt>${t('Received')}</dt><dd>${shortMoment(order.received_at, zone)}</dd></div>
        ${order.own_number !== incident.number && html`<div><dt>${t('Number here')}</dt><dd>${t('%(own)s, merged into %(into)s', { own: order.own_number, into: incident.number })}</dd></div>`}
        ${order.repeats && html`<div><dt>${t('Repeats')}</dt><dd>${order.repeats.number} · ${t('repeat %(n)s', { n: order.repeat_n })}</dd></div>`}
        ${order.satisfied && html`<div><dt>${t('Called back')}</dt><dd>${satisfiedWord(order.satisfied)}</dd></div>`}
      </dl>
    </section>
    <${CallerBlock} order=${order.id} caller=${order.caller} sealed=${order.sealed} />
    ${works && !order.first_contact_at && !isEnded(incident) && html`<${Contact} order=${order} onDone=${onChanged} />`}`
}

function Contact({ order, onDone }) {
  const [note, say] = useState('')
  const deed = useDeed()
  const create = useCreation()
  const submit = (event) => {
    event.preventDefault()
    deed.run(async () => {
      await create((id) => api.post(`/hotline-orders/${order.id}/contact`, { id, note }))
      onDone()
    })
  }
  return html`<form class="card-part" onSubmit=${submit}>
    <h3>${t('First contact')}</h3>
    <label>${t('What was said')}<textarea rows="3" maxlength="4000" required value=${note} onInput=${(event) => say(event.target.value)}></textarea></label>
    <div class="buttons"><button class="button primary" disabled=${deed.busy || !note.trim()}>${t('Note the contact')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

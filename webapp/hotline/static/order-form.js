/** A telephone call as it is written down: what, where, who; open incidents nearby are offered meanwhile. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { DeedFoot, useCreation, useDeed } from '../admin/deed.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { nameOf, stateWord } from '../shared/words.js'
import { PlacePicker } from './place-picker.js'

const BLANK = { text: '', category: '', name: '', phone: '', address: '', number: '', channel: '' }
/** How far a place may be off that was pointed at while somebody described it, metres. */
const TOLD_M = 50

/** @param {{ me: object, onMade: (order: object) => void, onLeave: () => void }} props */
export function OrderForm({ me, onMade, onLeave }) {
  const [said, say] = useState(BLANK)
  const [place, setPlace] = useState(null)
  const [classes, setClasses] = useState([])
  const deed = useDeed()
  const create = useCreation()
  useEffect(() => {
    deed.run(async () => setClasses((await api.get('/categories')).items.filter(({ offered }) => offered !== false)))
  }, [])
  const field = (name) => ({ value: said[name], onInput: (event) => say({ ...said, [name]: event.target.value }) })
  const submit = (event) => {
    event.preventDefault()
    const order = {
      text: said.text,
      category: said.category || null,
      caller: { name: said.name || null, phone: said.phone || null, address: said.address || null },
      place: place && { ...place, accuracy_m: TOLD_M, method: 'pin' },
      ...(said.number.trim() && { number: said.number, channel: said.channel.trim() || '12345' }),
    }
    deed.run(async () => onMade(await create((id) => api.post('/hotline-orders', { id, ...order }))))
  }
  return html`<form class="card-form" onSubmit=${submit}>
    <header class="card-head"><h2>${t('New order')}</h2><button type="button" class="tool" aria-label=${t('Close the card')} onClick=${onLeave}><${Icon} name="close" /></button></header>
    <label>${t('What happened')}<textarea rows="3" maxlength="4000" required autofocus ...${field('text')}></textarea></label>
    <label>${t('Class')}<select value=${said.category} onChange=${field('category').onInput}>
      <option value="">${t('No class yet')}</option>
      ${classes.map((each) => html`<option key=${each.code} value=${each.code}>${nameOf(each)}</option>`)}
    </select></label>
    <label>${t('Address')}<input ...${field('address')} maxlength="200" autocomplete="off" /></label>
    <${PlacePicker} me=${me} place=${place} onPlace=${setPlace} />
    <${Similar} place=${place} category=${said.category} />
    <div class="pair">
      <label>${t('Name')}<input ...${field('name')} maxlength="80" autocomplete="off" /></label>
      <label>${t('Phone number')}<input ...${field('phone')} type="tel" maxlength="40" autocomplete="off" /></label>
    </div>
    <details class="past"><summary>${t('It has a number of a platform')}</summary>
      <div class="pair">
        <label>${t('Channel')}<input ...${field('channel')} maxlength="60" placeholder="12345" autocomplete="off" /></label>
        <label>${t('Order number')}<input ...${field('number')} maxlength="60" autocomplete="off" /></label>
      </div>
    </details>
    <div class="buttons"><button class="button primary" disabled=${deed.busy || !said.text.trim()}>${t('Take the order')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

/** What the caller may be speaking of; it is theirs to say, and the order is taken all the same. */
function Similar({ place, category }) {
  const [items, take] = useState([])
  useEffect(() => {
    if (!place) {
      take([])
      return undefined
    }
    const line = new AbortController()
    api.get('/hotline-orders/similar', { ...place, category }, { signal: line.signal }).then(
      (found) => take(found.items),
      (problem) => {
        if (problem.status === undefined && problem.name !== 'AbortError') throw problem
      },
    )
    return () => line.abort()
  }, [place?.lon, place?.lat, category])
  if (!items.length) return null
  return html`<section class="similar" aria-label=${t('Open nearby')}>
    <h3>${t('Open nearby')}</h3>
    <ul>${items.map((one) => html`<li key=${one.id}><a href=${`/?incident=${one.id}`} target="_blank" rel="noopener">${one.number}</a> <span>${stateWord(one.state)} · ${one.why.join(' ')}</span></li>`)}</ul>
  </section>`
}

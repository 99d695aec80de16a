/** Trying the rules out: until when each stage of a matter would be due and why, and who would answer for it at a place. */
import { html, useState } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { hourAndMinute, dayOf, date, weekday } from '../shared/time.js'
import { kindWord, nameOf, severityWord, sourceWord } from '../shared/words.js'
import { CodeField } from './code-field.js'
import { DeedFoot, useDeed } from './deed.js'

const SEVERITIES = ['1', '2', '3', '4']
const SOURCES = ['patrol', 'resident', 'hotline', 'letter', 'visit', 'web', 'wechat', 'inspection', 'camera', 'drone', 'sensor', 'deliberation']
const LEVELS = ['micro', 'full-time', 'chief', 'township', 'district']
const KINDS = ['urban', 'rural', 'dedicated']

export function TryOut({ book, me, onLeave }) {
  const [category, setCategory] = useState('')
  const zone = me.district?.time_zone ?? 'UTC'
  return html`<div class="try-out">
    <header class="card-head"><div><h2>${t('Try the rules out')}</h2><p class="meta">${t('Nothing is changed by asking.')}</p></div><button type="button" class="tool" aria-label=${t('Close the card')} onClick=${onLeave}><${Icon} name="close" /></button></header>
    <section class="card-part"><${CodeField} label=${t('Class of matter')} kind="category" value=${category} onSay=${setCategory} /></section>
    <${Owner} category=${category} today=${book.today} />
    <${Deadlines} category=${category} zone=${zone} />
  </div>`
}

/** Who owns this matter here. */
function Owner({ category, today }) {
  const [said, say] = useState({ at: '', day: today })
  const [found, take] = useState(null)
  const deed = useDeed()
  const ask = (event) => {
    event.preventDefault()
    deed.run(async () => take(await api.get('/catalogue/route', { category, ...said })))
  }
  return html`<form class="card-part" onSubmit=${ask} aria-label=${t('Who answers for it here')}>
    <h3>${t('Who answers for it here')}</h3>
    <div class="pair">
      <${CodeField} label=${t('Area or grid')} kind="area" value=${said.at} needed=${true} onSay=${(at) => say({ ...said, at })} />
      <label>${t('On the day')}<input type="date" value=${said.day} required onInput=${(event) => say({ ...said, day: event.target.value })} /></label>
    </div>
    <div class="buttons"><button class="button" disabled=${deed.busy || !category}>${t('Ask who')}</button></div>
    ${found && html`<div class="answer" role="status">
      <p><b>${found.owner ? nameOf(found.owner) : t('Nobody: no row of duties speaks of it.')}</b>${found.list && html` <span class="chip-small">${listWord(found.list)}</span>`}</p>
      ${found.assisting.length > 0 && html`<p>${t('Assisting: %(names)s', { names: found.assisting.map(nameOf).join(t(', ')) })}</p>`}
      ${found.why.map((sentence) => html`<p key=${sentence} class="explained">${sentence}</p>`)}
    </div>`}
    <${DeedFoot} deed=${deed} />
  </form>`
}

const listWord = (list) => ({ basic: t('basic'), assisting: t('assisting'), withdrawn: t('withdrawn') })[list] ?? list
const levelWord = (level) => ({ micro: t('Micro-grid worker'), 'full-time': t('Full-time grid worker'), chief: t('Grid chief'), township: t('Township'), district: t('District') })[level]

/** Until when, and why then. */
function Deadlines({ category, zone }) {
  const [said, say] = useState({ severity: '', source: '', level: '', kind: '', start: nowIn(zone) })
  const [found, take] = useState(null)
  const deed = useDeed()
  const ask = (event) => {
    event.preventDefault()
    deed.run(async () => take(await api.get('/catalogue/deadlines', { category, ...said })))
  }
  const choice = (name, label, values, word, none) => html`<label>${label}<select value=${said[name]} onChange=${(event) => say({ ...said, [name]: event.target.value })}><option value="">${none}</option>${values.map((value) => html`<option key=${value} value=${value}>${word(value)}</option>`)}</select></label>`
  return html`<form class="card-part" onSubmit=${ask} aria-label=${t('Until when, and why')}>
    <h3>${t('Until when, and why')}</h3>
    <div class="pair">
      ${choice('severity', t('Severity'), SEVERITIES, (value) => severityWord(Number(value)), t('of the class'))}
      ${choice('source', t('Source'), SOURCES, sourceWord, t('any'))}
      ${choice('level', t('Level'), LEVELS, levelWord, t('any'))}
      ${choice('kind', t('Kind of grid'), KINDS, kindWord, t('any'))}
    </div>
    <label>${t('Each stage begins')}<input type="datetime-local" value=${said.start} required onInput=${(event) => say({ ...said, start: event.target.value })} /></label>
    <div class="buttons"><button class="button" disabled=${deed.busy}>${t('Ask until when')}</button></div>
    ${found && html`<ul class="deadlines" role="status">${found.items.map((item) => html`<${Due} key=${item.stage} item=${item} zone=${zone} />`)}</ul>`}
    <${DeedFoot} deed=${deed} />
  </form>`
}

function Due({ item, zone }) {
  if (item.rule === null) return html`<li><div class="due-line"><b>${item.title}</b><span class="quiet">${t('no time limit')}</span></div></li>`
  const at = Date.parse(item.due_at)
  return html`<li><details>
    <summary class="due-line"><b>${item.title}</b><span>${item.provisional && html`<span class="warned">${t('provisional')} </span>`}${date(at, zone)} ${weekday(at, zone)} ${hourAndMinute(at, zone)}</span></summary>
    ${item.why.map((sentence) => html`<p key=${sentence} class="explained">${sentence}</p>`)}
  </details></li>`
}

/** This minute on the clock of a zone, as a field for times takes it. */
const nowIn = (zone) => `${dayOf(Date.now(), zone)}T${hourAndMinute(Date.now(), zone)}`

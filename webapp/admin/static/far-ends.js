/** Webhooks and group robots: what they are told, a trial, and taking them away. Addresses and secrets only go in. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { nameOf } from '../shared/words.js'
import { show, shown } from './address.js'
import { Confirm } from './confirm.js'
import { DeedFoot, useCreation, useDeed } from './deed.js'
import { Rows } from './list-panel.js'
import { OverPicker } from './person-roles.js'
import { languageWord } from './register-words.js'
import { Topbar } from './topbar.js'

const KINDS = ['webhook', 'wecom', 'dingtalk']
const LANGUAGES = ['zh-CN', 'en']

export const channelWord = (kind) => ({ webhook: t('Webhook'), wecom: t('WeCom robot'), dingtalk: t('DingTalk robot'), email: t('E-mail') })[kind] ?? kind

export function FarEnds({ me, modes }) {
  const [found, take] = useState({ items: null, more: null, problem: null })
  const [chosen, choose] = useState(shown('end') || null)
  const load = async () => {
    try {
      take({ items: (await api.get('/outbox/endpoints')).items, more: null, problem: null })
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      take({ items: [], more: null, problem })
    }
  }
  useEffect(() => {
    load()
  }, [])
  const open = (id) => {
    choose(id)
    show({ end: id === 'new' ? null : id })
  }
  const kept = async (id) => {
    await load()
    open(id)
  }
  const one = found.items?.find(({ id }) => id === chosen)
  return html`<div class="command register" data-open=${chosen ? '' : undefined}>
    <${Topbar} me=${me} here="outbox" />
    <main class="list-panel">
      <div class="list-head"><h1>${t('Outbox')}</h1>${modes}<button class="button primary" onClick=${() => open('new')}>${t('Add a far end')}</button></div>
      <${Rows} title=${t('Far ends')} columns=${columnsOf()} list=${found} keyOf=${({ id }) => id} chosen=${chosen} onChoose=${open} empty=${t('Nothing is told outside of these screens. Add a webhook or a group robot.')} />
    </main>
    <aside class="detail-panel" aria-label=${t('Far end')}>
      ${chosen === null && html`<p class="empty">${t('Choose a far end on the left, or add one. Messages name a matter and its grid, never a person.')}</p>`}
      ${(chosen === 'new' || one) && html`<${EndForm} key=${chosen} end=${one} onKept=${kept} onLeave=${() => open(null)} />`}
    </aside>
  </div>`
}

const columnsOf = () => [
  { name: 'name', word: t('Far end'), cell: (one) => html`<b>${one.name}</b><span class="code">${one.address}</span>` },
  { name: 'kind', word: t('Kind'), cell: ({ kind }) => channelWord(kind) },
  { name: 'events', word: t('Events'), cell: ({ events }) => events.join(', ') || t('all') },
  { name: 'reach', word: t('Area'), cell: ({ area }) => (area ? nameOf(area) : t('everything')) },
  { name: 'enabled', word: t('State'), cell: ({ enabled }) => (enabled ? t('on') : html`<span class="warned">${t('off')}</span>`) },
]

const blank = () => ({ kind: 'webhook', name: '', url: '', secret: '', events: '', area: null, locale: 'zh-CN', enabled: true })

function EndForm({ end, onKept, onLeave }) {
  const isNew = end === undefined
  const [said, say] = useState(isNew ? blank() : { ...end, events: end.events.join(' '), url: '', secret: '' })
  const deed = useDeed()
  const create = useCreation()
  const submit = (event) => {
    event.preventDefault()
    const body = {
      name: said.name.trim(),
      locale: said.locale,
      enabled: said.enabled,
      events: said.events.split(/[\s,，]+/).filter(Boolean),
      area: said.area?.code ?? null,
      url: said.url.trim() || null,
      secret: said.secret.trim() || null,
    }
    deed.run(async () => {
      if (isNew) onKept((await create((id) => api.post('/outbox/endpoints', { id, kind: said.kind, ...body }))).id)
      else onKept((await api.put(`/outbox/endpoints/${end.id}`, body)).id)
    })
  }
  const field = (name) => ({ value: said[name], onInput: (event) => say({ ...said, [name]: event.target.value }) })
  const kept = isNew ? undefined : t('kept, unless you enter another')
  return html`<form class="card-form" onSubmit=${submit}>
    <header class="card-head"><div><h2>${isNew ? t('Add a far end') : end.name}</h2>${!isNew && html`<p class="meta">${channelWord(end.kind)} · <span class="code">${end.address}</span></p>`}</div><button type="button" class="tool" aria-label=${t('Close the card')} onClick=${onLeave}><${Icon} name="close" /></button></header>
    <div class="pair">
      <label>${t('What it is called')}<input ...${field('name')} maxlength="100" autocomplete="off" required /></label>
      ${isNew && html`<label>${t('Kind')}<select value=${said.kind} onChange=${(event) => say({ ...said, kind: event.target.value })}>${KINDS.map((kind) => html`<option key=${kind} value=${kind}>${channelWord(kind)}</option>`)}</select></label>`}
    </div>
    <label>${t('Address')}<input ...${field('url')} type="url" maxlength="2000" spellcheck=${false} autocomplete="off" required=${isNew} placeholder=${kept ?? 'https://'} /><span class="explained">${t('It is not shown again: the address of a robot holds its key.')}</span></label>
    ${said.kind !== 'wecom' && html`<label>${t('Secret that signs')}<input ...${field('secret')} type="password" maxlength="200" autocomplete="off" required=${isNew && said.kind === 'webhook'} placeholder=${kept} /><span class="explained">${said.kind === 'webhook' ? t('16 characters or more; the receiver checks each message by it.') : t('Where the robot is secured by a signature.')}</span></label>`}
    <label>${t('Events')}<input ...${field('events')} maxlength="400" spellcheck=${false} autocomplete="off" placeholder="dispatched overdue" /><span class="explained">${t('Kinds of event with blanks between them; all, if left empty.')}</span></label>
    <${OverPicker} chosen=${said.area} wanted="area" onChoose=${(area) => say({ ...said, area })} />
    <div class="pair">
      <label>${t('Language')}<select value=${said.locale} onChange=${(event) => say({ ...said, locale: event.target.value })}>${LANGUAGES.map((tag) => html`<option key=${tag} value=${tag}>${languageWord(tag)}</option>`)}</select></label>
      <label>${t('State')}<select value=${said.enabled ? 'on' : 'off'} onChange=${(event) => say({ ...said, enabled: event.target.value === 'on' })}><option value="on">${t('on')}</option><option value="off">${t('off')}</option></select></label>
    </div>
    ${!deed.waiting && html`<div class="buttons"><button class="button primary" disabled=${deed.busy}>${isNew ? t('Add') : t('Keep')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>`}
    ${!deed.waiting && html`<${DeedFoot} deed=${deed} />`}
  </form>
  ${deed.waiting && html`<section class="card-part"><${DeedFoot} deed=${deed} /></section>`}
  ${!isNew && html`<${Deeds} end=${end} onGone=${() => onKept(null)} />`}`
}

/** A trial, and taking it away. */
function Deeds({ end, onGone }) {
  const [asks, ask] = useState(false)
  const [tried, setTried] = useState(false)
  const deed = useDeed()
  const create = useCreation()
  const send = () => deed.run(async () => {
    await create((id) => api.post(`/outbox/endpoints/${end.id}/try`, { id }))
    setTried(true)
  })
  const take = () => deed.run(async () => {
    await api.post(`/outbox/endpoints/${end.id}/end`, {})
    onGone()
  })
  if (asks) {
    const sentence = t('%(name)s is told nothing more, what waits for it is given up, and its address is forgotten.', { name: end.name })
    return html`<section class="card-part"><${Confirm} deed=${deed} verb=${t('Take it away')} sentence=${sentence} onYes=${take} onLeave=${() => { deed.forget(); ask(false) }} /></section>`
  }
  return html`<section class="card-part">
    ${tried && html`<p class="note" role="status">${t('The trial is on its way. Messages tell what came of it.')}</p>`}
    <div class="buttons">
      <button class="button" disabled=${deed.busy || !end.enabled} onClick=${send}>${t('Send a trial')}</button>
      <button class="button" onClick=${() => ask(true)}>${t('Take it away')}</button>
    </div>
    <${DeedFoot} deed=${deed} />
  </section>`
}

/** The calls to make after closing, what came of them, and how many callers were reached and satisfied. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { show, shown } from '../admin/address.js'
import { DeedFoot, useCreation, useDeed } from '../admin/deed.js'
import { Chips, Rows } from '../admin/list-panel.js'
import { usePaged } from '../admin/paged.js'
import { shortMoment } from '../admin/register-words.js'
import { Topbar } from '../admin/topbar.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { classText, nameOf, stateWord } from '../shared/words.js'
import { CallerBlock } from './caller-block.js'
import { channelText, outcomeWord, satisfiedWord } from './hotline-words.js'
import { neighbour, useKeys } from './hotline-page.js'

export function Calls({ me, modes }) {
  const zone = me.district?.time_zone ?? 'UTC'
  const works = me.can.includes('hotline.work')
  const [which, look] = useState(shown('list') === 'done' ? 'done' : 'due')
  const [chosen, choose] = useState(shown('call') || null)
  const list = usePaged('/call-backs', { done: which === 'done' ? '1' : '' })
  const open = (id) => {
    choose(id)
    show({ call: id })
  }
  const setList = (wish) => {
    look(wish)
    choose(null)
    show({ list: wish === 'due' ? null : wish, call: null })
  }
  useKeys({
    r: list.again,
    j: () => open(neighbour(list.items, chosen, 1)),
    k: () => open(neighbour(list.items, chosen, -1)),
    Escape: () => open(null),
  })
  const one = list.items?.find(({ id }) => id === chosen)
  return html`<div class="command register hotline" data-open=${one ? '' : undefined}>
    <${Topbar} me=${me} here="hotline" />
    <main class="list-panel">
      <div class="list-head"><h1>${t('Hotline')}</h1>${modes}</div>
      <div class="list-tools">
        <${Chips} label=${t('Which calls')} options=${[['due', t('To call back')], ['done', t('Made')]]} chosen=${which} onChoose=${setList} />
        <${Figures} of=${list.items} />
      </div>
      <${Rows} title=${t('Calls back')} columns=${columnsOf(zone, which)} list=${list} keyOf=${({ id }) => id} chosen=${chosen} onChoose=${open} empty=${which === 'due' ? t('Nobody waits for a call.') : t('No call was made yet.')} />
    </main>
    <aside class="detail-panel" aria-label=${t('Call')}>
      ${one ? html`<${Detail} key=${one.id} call=${one} zone=${zone} works=${works} onDone=${list.again} onClose=${() => open(null)} />` : html`<p class="empty">${t('Choose a call on the left. Every caller with a number is asked after closing.')}</p>`}
    </aside>
  </div>`
}

const columnsOf = (zone, which) => [
  { name: 'name', word: t('Order'), cell: (one) => html`<b>${one.number}</b><span class="code">${channelText(one.channel)} · ${one.incident.number}</span>` },
  which === 'due'
    ? { name: 'clock', word: t('Due'), cell: ({ due_at: at }) => html`<span class=${Date.parse(at) < Date.now() ? 'warned' : undefined}>${shortMoment(at, zone)}</span>` }
    : { name: 'clock', word: t('Outcome'), cell: ({ outcome, satisfied }) => (satisfied ? satisfiedWord(satisfied) : outcomeWord(outcome)) },
  { name: 'class', word: t('Class'), cell: ({ incident }) => classText(incident) },
  { name: 'grid', word: t('Grid'), cell: ({ grid }) => (grid ? nameOf(grid) : t('not placed')) },
  { name: 'received', word: t('Closed'), cell: ({ closed_at: at }) => shortMoment(at, zone) },
  { name: 'tries', word: t('Tries'), cell: ({ tries }) => String(tries) },
]

/** The last thirty days: each rate with both its numbers. */
function Figures({ of }) {
  const [told, take] = useState(null)
  useEffect(() => {
    api.get('/call-backs/figures').then(take, (problem) => {
      if (problem.status === undefined) throw problem
    })
  }, [of])
  if (!told) return null
  const rate = (word, { numerator, denominator, rate: share }) =>
    html`<span class="figure"><b>${share === null ? '–' : `${(share * 100).toFixed(1)} %`}</b> ${word} <span class="code">${numerator}/${denominator}</span></span>`
  return html`<p class="figures-line" aria-label=${t('The last 30 days')}>
    ${rate(t('contacted in time'), told.contacted_in_time)} ${rate(t('called back'), told.called_back)} ${rate(t('satisfied of those reached'), told.satisfied)}
  </p>`
}

function Detail({ call, zone, works, onDone, onClose }) {
  const { incident } = call
  return html`<header class="card-head">
      <div><h2>${call.number}</h2><p class="meta">${channelText(call.channel)} · <a href=${`/?incident=${incident.id}`}>${incident.number}</a></p></div>
      <button class="tool" aria-label=${t('Close the card')} onClick=${onClose}><${Icon} name="close" /></button>
    </header>
    <section class="card-part">
      <dl class="facts">
        <div><dt>${t('Class')}</dt><dd>${classText(incident)}</dd></div>
        <div><dt>${t('State')}</dt><dd>${stateWord(incident.state)}</dd></div>
        <div><dt>${t('Closed')}</dt><dd>${shortMoment(call.closed_at, zone)}</dd></div>
        ${call.done_at
          ? html`<div><dt>${t('Outcome')}</dt><dd>${outcomeWord(call.outcome)}${call.satisfied && ` · ${satisfiedWord(call.satisfied)}`}</dd></div>`
          : html`<div><dt>${t('Due')}</dt><dd>${shortMoment(call.due_at, zone)}</dd></div>`}
        <div><dt>${t('Tries')}</dt><dd>${call.tries}</dd></div>
      </dl>
    </section>
    <${CallerBlock} order=${call.order} caller=${call.caller} />
    ${works && !call.done_at && html`<${OutcomeForm} call=${call} onDone=${onDone} />`}`
}

const OUTCOMES = [['reached', 'yes'], ['reached', 'partly'], ['reached', 'no'], ['not-reached', null], ['refused', null]]

function OutcomeForm({ call, onDone }) {
  const [note, say] = useState('')
  const deed = useDeed()
  const create = useCreation()
  const write = (outcome, satisfied) => deed.run(async () => {
    await create((id) => api.post(`/call-backs/${call.id}/calls`, { id, outcome, satisfied, note: note.trim() || null }))
    onDone()
  })
  return html`<section class="card-part">
    <h3>${t('What came of the call')}</h3>
    <label>${t('What the caller said')}<textarea rows="3" maxlength="4000" value=${note} onInput=${(event) => say(event.target.value)}></textarea></label>
    <div class="buttons">
      ${OUTCOMES.map(([outcome, satisfied]) => html`<button key=${`${outcome}${satisfied}`} class="button" disabled=${deed.busy} onClick=${() => write(outcome, satisfied)}>${satisfied ? satisfiedWord(satisfied) : outcomeWord(outcome)}</button>`)}
    </div>
    <p class="explained">${t('Not satisfied: the matter is opened again, one level higher, once. Not reached: it comes back after 4 hours, three times in all.')}</p>
    <${DeedFoot} deed=${deed} />
  </section>`
}

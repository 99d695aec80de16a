/** People at a desk: who there is on the left, one of them on the right; departments beside them. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { nameOf, roleWord } from '../shared/words.js'
import { show, shown } from './address.js'
import { Departments } from './departments.js'
import { Chips, Rows, SearchBox } from './list-panel.js'
import { usePaged } from './paged.js'
import { NewPersonForm } from './person-form.js'
import { PersonCard } from './person-card.js'
import { accountStateWord, PERSON_ROLES, overText, shortMoment } from './register-words.js'
import { Topbar } from './topbar.js'

export function PeoplePage({ me }) {
  const [mode, take] = useState(shown('mode') === 'departments' ? 'departments' : 'people')
  const setMode = (wish) => {
    show({ mode: wish === 'people' ? null : wish, person: null, department: null })
    take(wish)
  }
  const modes = html`<${Chips} label=${t('What is kept')} options=${[['people', t('People')], ['departments', t('Departments')]]} chosen=${mode} onChoose=${setMode} />`
  return mode === 'people' ? html`<${People} me=${me} modes=${modes} />` : html`<${Departments} me=${me} modes=${modes} />`
}

function People({ me, modes }) {
  const zone = me.district?.time_zone ?? 'UTC'
  const [query, look] = useState({ q: shown('q'), role: shown('role'), state: shown('state') })
  const [chosen, choose] = useState(shown('person') || null)
  const list = usePaged('/accounts', query)
  const search = (values) => {
    look({ ...query, ...values })
    show(values)
  }
  const open = (id) => {
    choose(id)
    show({ person: id === 'new' ? null : id })
  }
  return html`<div class="command register" data-open=${chosen ? '' : undefined}>
    <${Topbar} me=${me} here="people" />
    <main class="list-panel">
      <div class="list-head">
        <h1>${t('People')}</h1>${modes}
        <button class="button primary" onClick=${() => open('new')}>${t('Add a person')}</button>
      </div>
      <div class="list-tools">
        <${SearchBox} value=${query.q} label=${t('Name, login or telephone')} onInput=${(q) => search({ q })} />
        <label class="inline">${t('Role')}
          <select value=${query.role} onChange=${(event) => search({ role: event.target.value })}>
            <option value="">${t('all')}</option>
            ${PERSON_ROLES.map((role) => html`<option key=${role} value=${role}>${roleWord(role)}</option>`)}
          </select>
        </label>
        <${Chips} label=${t('State')} options=${['', 'new', 'ended'].map((state) => [state, stateChip(state)])} chosen=${query.state} onChoose=${(state) => search({ state })} />
      </div>
      <${Rows} title=${t('People')} columns=${columnsOf(zone)} list=${list} keyOf=${({ id }) => String(id)} chosen=${chosen} onChoose=${open} empty=${t('Nobody is called so. Look for less of the name, or among those that have ended.')} />
    </main>
    <aside class="detail-panel" aria-label=${t('Account')}>
      ${chosen === null && html`<p class="empty">${t('Choose somebody on the left, or add a person.')}</p>`}
      ${chosen === 'new' && html`<${NewPersonForm} onMade=${({ id }) => { list.again(); open(String(id)) }} onLeave=${() => open(null)} />`}
      ${chosen !== null && chosen !== 'new' && html`<${PersonCard} key=${chosen} id=${chosen} me=${me} onChanged=${list.again} onClose=${() => open(null)} />`}
    </aside>
  </div>`
}

const stateChip = (state) => ({ '': t('in use'), new: t('without password'), ended: t('out of use') })[state]

const columnsOf = (zone) => [
  { name: 'name', word: t('Name'), cell: (one) => html`<b>${nameOf(one)}</b><span class="code">${one.login}</span>` },
  { name: 'roles', word: t('Roles'), cell: rolesCell },
  { name: 'phone', word: t('Telephone'), cell: ({ phone }) => phone ?? '–' },
  { name: 'factor', word: t('Second factor'), cell: (one) => factorCell(one) },
  { name: 'seen', word: t('Last seen'), cell: ({ seen_at: at }) => (at ? shortMoment(at, zone) : t('never')) },
  { name: 'state', word: t('State'), cell: ({ state }) => html`<span class="mark-${state}">${accountStateWord(state)}</span>` },
]

function rolesCell({ roles }) {
  const now = roles.filter(({ state }) => state === 'now')
  if (now.length === 0) return html`<span class="quiet">${t('none')}</span>`
  const rest = now.length - 1
  return html`<span>${roleWord(now[0].role)}</span><span class="meta">${overText(now[0].over)}${rest > 0 ? ` · ${t('%(n)s more roles', { n: rest })}` : ''}</span>`
}

function factorCell({ second_factor: on, roles, state }) {
  if (on) return t('on')
  // Who has no password yet sets one up at the first sign-in.
  const needs = state === 'open' && roles.some(({ role, state: when }) => when === 'now' && role !== 'worker')
  return needs ? html`<span class="warned">${t('needed')}</span>` : html`<span class="quiet">${t('off')}</span>`
}

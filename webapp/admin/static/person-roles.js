/** The parts somebody has, had and will have, and giving another one. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { nameOf, roleWord, spacedCode } from '../shared/words.js'
import { Confirm } from './confirm.js'
import { beginningOf, endOf, today } from './days.js'
import { DeedFoot, useCreation, useDeed } from './deed.js'
import { dateText, lastDay, overText, PERSON_ROLES, POSTS, postWord } from './register-words.js'

const TYPING_MS = 200
const OVER_ICONS = { area: 'map', grid: 'grid', department: 'people' }

export function PersonRoles({ account, zone, locked, onChanged }) {
  const [gives, give] = useState(false)
  const past = account.roles.filter(({ state }) => state === 'ended')
  const lasting = account.roles.filter(({ state }) => state !== 'ended')
  return html`<section class="card-part">
    <h3>${t('Roles')}</h3>
    ${lasting.length === 0 && html`<p class="explained">${t('No role: the account opens nothing.')}</p>`}
    <ul class="roles">${lasting.map((role) => html`<${RoleRow} key=${role.id} role=${role} account=${account} zone=${zone} locked=${locked} onChanged=${onChanged} />`)}</ul>
    ${!locked && !gives && html`<div class="buttons"><button class="button ${lasting.length ? '' : 'primary'}" onClick=${() => give(true)}>${t('Give a role')}</button></div>`}
    ${gives && html`<${RoleForm} account=${account} zone=${zone} onGiven=${() => { give(false); onChanged() }} onLeave=${() => give(false)} />`}
    ${past.length > 0 && html`<details class="past"><summary>${t('%(n)s roles that have ended', { n: past.length })}</summary>
      <ul class="roles">${past.map((role) => html`<${RoleRow} key=${role.id} role=${role} account=${account} zone=${zone} locked=${true} onChanged=${onChanged} />`)}</ul>
    </details>`}
  </section>`
}

function RoleRow({ role, account, zone, locked, onChanged }) {
  const [asks, ask] = useState(false)
  const deed = useDeed()
  const end = () => deed.run(async () => {
    await api.post(`/roles/${role.id}/end`, {})
    onChanged()
  })
  const span = [role.from ? t('from %(day)s', { day: dateText(role.from, zone) }) : '', role.until ? t('through %(day)s', { day: lastDay(role.until, zone) }) : t('no end')].filter(Boolean).join(' · ')
  const given = role.granted_by ? t('given by %(name)s', { name: role.granted_by }) : ''
  return html`<li class="role-row">
    <${Icon} name=${OVER_ICONS[role.over.kind]} size=${18} />
    <div><b>${roleWord(role.role)}</b>${role.post && html` <span class="quiet">${postWord(role.post)}</span>`}${role.state === 'later' && html` <span class="chip-small">${t('not begun')}</span>`}
      <span>${overText(role.over)}</span><span class="meta">${span}${given && ` · ${given}`}</span></div>
    ${!locked && !asks && html`<button class="link" onClick=${() => ask(true)}>${t('End')}</button>`}
    ${asks && html`<${Confirm} deed=${deed} verb=${t('End the role')} warning=${role.alone && t('Nobody else has this role there: %(over)s is left without %(role)s.', { role: roleWord(role.role), over: overText(role.over) })} sentence=${t('%(name)s is no longer %(role)s over %(over)s, from now on. Open pages start anew within five seconds.', { name: nameOf(account), role: roleWord(role.role), over: overText(role.over) })} onYes=${end} onLeave=${() => { deed.forget(); ask(false) }} />`}
  </li>`
}

function RoleForm({ account, zone, onGiven, onLeave }) {
  const [said, say] = useState({ role: 'worker', over: null, post: 'full-time', from: '', until: '' })
  const deed = useDeed()
  const create = useCreation()
  const isWorker = said.role === 'worker'
  const submit = (event) => {
    event.preventDefault()
    const role = {
      person: account.id,
      role: said.role,
      over: said.over.code,
      post: isWorker ? said.post : null,
      from: said.from && said.from > today(zone) ? beginningOf(said.from, zone) : null,
      until: said.until ? endOf(said.until, zone) : null,
    }
    deed.run(async () => {
      await create((id) => api.post('/roles', { id, ...role }))
      onGiven()
    })
  }
  const set = (name) => (event) => say({ ...said, [name]: event.target.value })
  return html`<form class="sheet-form" onSubmit=${submit}>
    <div class="pair">
      <label>${t('Role')}<select value=${said.role} onChange=${set('role')}>${PERSON_ROLES.map((role) => html`<option key=${role} value=${role}>${roleWord(role)}</option>`)}</select></label>
      ${isWorker && html`<label>${t('Post')}<select value=${said.post} onChange=${set('post')}>${POSTS.map((post) => html`<option key=${post} value=${post}>${postWord(post)}</option>`)}</select></label>`}
    </div>
    <${OverPicker} chosen=${said.over} wanted=${said.role === 'department' ? 'department' : null} onChoose=${(over) => say({ ...said, over })} />
    <div class="pair">
      <label>${t('From')}<input type="date" value=${said.from} min=${today(zone)} onChange=${set('from')} /><span class="explained">${t('Now, if left empty.')}</span></label>
      <label>${t('Through')}<input type="date" value=${said.until} min=${said.from || today(zone)} onChange=${set('until')} /><span class="explained">${t('Without end, if left empty.')}</span></label>
    </div>
    <div class="buttons"><button class="button primary" disabled=${!said.over || deed.busy}>${t('Give the role')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

/** Search for what a role is over: an area, a grid, a department. */
export function OverPicker({ chosen, wanted, onChoose }) {
  const [typed, type] = useState('')
  const [found, take] = useState([])
  const line = useRef(null)
  useEffect(() => {
    const text = typed.trim()
    if (!text) return take([])
    const timer = setTimeout(async () => {
      line.current?.abort()
      const mine = (line.current = new AbortController())
      try {
        const { items } = await api.get('/role-targets', { q: text }, { signal: mine.signal })
        take(items.filter(({ kind }) => !wanted || kind === wanted))
      } catch (problem) {
        if (!mine.signal.aborted && !(problem instanceof Problem)) throw problem
        if (!mine.signal.aborted) take([])
      }
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [typed, wanted])
  if (chosen) {
    return html`<div class="over-chosen"><${Icon} name=${OVER_ICONS[chosen.kind]} size=${18} /><div><b>${nameOf(chosen)}</b><span class="code meta">${spacedCode(chosen.code)}</span></div><button type="button" class="link" onClick=${() => onChoose(null)}>${t('Another')}</button></div>`
  }
  const label = wanted === 'department' ? t('Department') : wanted === 'area' ? t('Area') : t('Over which area, grid or department')
  return html`<div class="over-picker">
    <label>${label}<input type="search" value=${typed} placeholder=${t('Name or code')} maxlength="100" onInput=${(event) => type(event.target.value)} /></label>
    ${found.length > 0 && html`<ul class="over-found">${found.map((over) => html`<li key=${over.kind + over.code}><button type="button" onClick=${() => onChoose(over)}><${Icon} name=${OVER_ICONS[over.kind]} size=${18} /><b>${nameOf(over)}</b><span class="meta">${over.above ? nameOf({ name: over.above, name_en: over.above_en }) : ''}</span><span class="code meta">${spacedCode(over.code)}</span></button></li>`)}</ul>`}
    ${typed.trim() && found.length === 0 && html`<p class="explained">${t('Nothing is called so.')}</p>`}
  </div>`
}

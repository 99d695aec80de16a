/** Departments: each complete only with handler, policy specialist and leader in charge named. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { nameOf } from '../shared/words.js'
import { show, shown } from './address.js'
import { DeedFoot, useCreation, useDeed } from './deed.js'
import { Rows } from './list-panel.js'
import { OverPicker } from './person-roles.js'
import { Topbar } from './topbar.js'

const POSTS = ['handler', 'policy', 'leader']
const TYPING_MS = 200

const officeWord = (post) => ({ handler: t('Handler'), policy: t('Policy specialist'), leader: t('Leader in charge') })[post]

export function Departments({ me, modes }) {
  const [found, take] = useState({ items: null, more: null, problem: null })
  const [chosen, choose] = useState(shown('department') || null)
  const load = async () => {
    try {
      take({ ...found, items: (await api.get('/departments')).items })
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      take({ ...found, items: [], problem })
    }
  }
  useEffect(() => {
    load()
  }, [])
  const open = (code) => {
    choose(code)
    show({ department: code === 'new' ? null : code })
  }
  const one = found.items?.find(({ code }) => code === chosen)
  const kept = async (code) => {
    await load()
    open(code)
  }
  return html`<div class="command register" data-open=${chosen ? '' : undefined}>
    <${Topbar} me=${me} here="people" />
    <main class="list-panel">
      <div class="list-head"><h1>${t('Departments')}</h1>${modes}<button class="button primary" onClick=${() => open('new')}>${t('Add a department')}</button></div>
      <${Rows} title=${t('Departments')} columns=${columnsOf()} list=${found} keyOf=${({ code }) => code} chosen=${chosen} onChoose=${open} empty=${t('There is no department yet.')} />
    </main>
    <aside class="detail-panel" aria-label=${t('Department')}>
      ${chosen === null && html`<p class="empty">${t('Choose a department on the left. It is complete once handler, policy specialist and leader are named.')}</p>`}
      ${(chosen === 'new' || one) && html`<${DepartmentForm} key=${chosen} department=${one} onKept=${kept} onLeave=${() => open(null)} />`}
    </aside>
  </div>`
}

const columnsOf = () => [
  { name: 'name', word: t('Department'), cell: (one) => html`<b>${nameOf(one)}</b><span class="code">${one.code}</span>` },
  { name: 'area', word: t('Area'), cell: ({ area }) => nameOf(area) },
  ...POSTS.map((post) => ({ name: post, word: officeWord(post), cell: (one) => one[post]?.name ?? html`<span class="warned">${t('nobody')}</span>` })),
]

function DepartmentForm({ department, onKept, onLeave }) {
  const isNew = department === undefined
  const [said, say] = useState(isNew ? { code: '', name: '', name_en: '', area: null, handler: null, policy: null, leader: null } : { ...department, name_en: department.name_en === department.name ? '' : department.name_en })
  const deed = useDeed()
  const create = useCreation()
  const submit = (event) => {
    event.preventDefault()
    const office = { name: said.name.trim(), name_en: said.name_en.trim() || null, ...Object.fromEntries(POSTS.map((post) => [post, said[post]?.login ?? null])) }
    const code = said.code.trim()
    deed.run(async () => {
      if (isNew) await create((id) => api.post('/departments', { id, code, area: said.area.code, ...office }))
      else await api.put(`/departments/${encodeURIComponent(code)}`, office)
      onKept(code)
    })
  }
  const field = (name) => ({ value: said[name], onInput: (event) => say({ ...said, [name]: event.target.value }) })
  return html`<form class="card-form" onSubmit=${submit}>
    <header class="card-head"><div><h2>${isNew ? t('Add a department') : nameOf(department)}</h2>${!isNew && html`<p class="meta"><span class="code">${department.code}</span> · ${nameOf(department.area)}</p>`}</div><button type="button" class="tool" aria-label=${t('Close the card')} onClick=${onLeave}><${Icon} name="close" /></button></header>
    ${isNew && html`<label>${t('Code')}<input ...${field('code')} maxlength="64" spellcheck=${false} required /></label><${OverPicker} chosen=${said.area} wanted="area" onChoose=${(area) => say({ ...said, area })} />`}
    <div class="pair"><label>${t('Department name')}<input ...${field('name')} maxlength="100" required /></label><label>${t('Name in English')}<input ...${field('name_en')} maxlength="100" /></label></div>
    ${POSTS.map((post) => html`<${PersonPicker} key=${post} label=${officeWord(post)} chosen=${said[post]} onChoose=${(person) => say({ ...said, [post]: person })} />`)}
    <div class="buttons"><button class="button primary" disabled=${deed.busy || (isNew && !said.area)}>${isNew ? t('Add') : t('Keep')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

function PersonPicker({ label, chosen, onChoose }) {
  const [typed, type] = useState('')
  const [found, take] = useState([])
  useEffect(() => {
    const line = new AbortController()
    if (!typed.trim()) return take([])
    const timer = setTimeout(async () => {
      try {
        take((await api.get('/accounts', { q: typed.trim(), limit: 8 }, { signal: line.signal })).items)
      } catch (problem) {
        if (!line.signal.aborted && !(problem instanceof Problem)) throw problem
      }
    }, TYPING_MS)
    return () => {
      clearTimeout(timer)
      line.abort()
    }
  }, [typed])
  if (chosen) return html`<div class="over-picker"><span class="label">${label}</span><div class="over-chosen"><${Icon} name="person" size=${18} /><div><b>${nameOf(chosen)}</b><span class="code meta">${chosen.login}</span></div><button type="button" class="link" onClick=${() => onChoose(null)}>${t('Another')}</button></div></div>`
  return html`<div class="over-picker">
    <label>${label}<input type="search" value=${typed} placeholder=${t('Name or login')} maxlength="100" onInput=${(event) => type(event.target.value)} /></label>
    ${found.length > 0 && html`<ul class="over-found">${found.map((person) => html`<li key=${person.id}><button type="button" onClick=${() => { onChoose(person); type('') }}><${Icon} name="person" size=${18} /><b>${nameOf(person)}</b><span class="code meta">${person.login}</span></button></li>`)}</ul>`}
  </div>`
}

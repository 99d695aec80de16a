/** The top bar: whose district, which face, the five numbers, search, and what belongs to this desk. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { locale, t } from '../shared/i18n.js'
import { WallClock } from './clock.js'
import { DutyButton } from './duty-button.js'
import { Bell } from '../shared/bell.js'
import { Icon, Mark } from '../shared/icons.js'
import { Numbers } from './numbers.js'
import { Search } from './search.js'
import { useChosen, usePage } from './use-store.js'
import { nameOf, roleWord } from '../shared/words.js'

const LANGUAGES = [
  { code: 'zh-CN', name: '中文', short: '中' },
  { code: 'en', name: 'English', short: 'EN' },
]

/** Who holds one of these may bring files in or take them away. */
const FILE_RIGHTS = ['boundary.draft', 'account.manage', 'table.export', 'geometry.export']

export function Topbar() {
  const { actions, store, zone } = usePage()
  const openIncident = (id) => store.dispatch({ type: 'select', selection: { kind: 'incident', id } })
  const district = useChosen((state) => state.me.district)
  const sound = useChosen((state) => state.sound)
  const theme = useChosen((state) => state.theme)
  const bringsFiles = useChosen((state) => FILE_RIGHTS.some((right) => state.me.can.includes(right)))
  const hotline = useChosen((state) => state.me.can.includes('hotline.read'))
  const plans = useChosen((state) => state.me.can.includes('boundary.draft'))
  const other = LANGUAGES.find(({ code }) => code !== locale())
  return html`<header class="topbar">
    <div class="brand">
      <a class="home" aria-label="gridmap" href="/"><${Mark} /><b>gridmap</b></a>
      <span class="district" title=${nameOf(district)}>${nameOf(district)}</span>
      <nav class="faces" aria-label=${t('Faces')}><a href="/" aria-current="page">${t('Command')}</a>${hotline && html`<a href="/hotline">${t('Hotline')}</a>`}${plans && html`<a href="/planner">${t('Planning')}</a>`}${bringsFiles && html`<a href="/admin/files">${t('Files')}</a>`}</nav>
    </div>
    <${Numbers} />
    <div class="desk">
      <${Search} />
      <${DutyButton} />
      <${Bell} zone=${zone} onOpen=${openIncident} />
      <button class="tool" aria-pressed=${sound ? 'true' : 'false'} aria-label=${t('Sound')} title=${sound ? t('Sound is on') : t('Sound is off')} onClick=${actions.toggleSound}>
        <${Icon} name=${sound ? 'sound' : 'muted'} />
      </button>
      <button
        class="tool tool-theme"
        aria-label=${theme === 'day' ? t('Dark theme') : t('Light theme')}
        title=${theme === 'day' ? t('Dark theme') : t('Light theme')}
        onClick=${() => actions.setTheme(theme === 'day' ? 'desk' : 'day')}
      >
        <${Icon} name=${theme === 'day' ? 'moon' : 'sun'} />
      </button>
      <button class="tool tool-language" lang=${other.code} aria-label=${other.name} title=${other.name} onClick=${() => actions.setLanguage(other.code)}>${other.short}</button>
      <${WallClock} />
      <${AccountMenu} />
    </div>
  </header>`
}

/** Who sits here, the language, and the way out. */
function AccountMenu() {
  const { actions } = usePage()
  const me = useChosen((state) => state.me)
  const administers = me.can.includes('account.manage')
  const theme = useChosen((state) => state.theme)
  const [open, setOpen] = useState(false)
  const root = useRef()
  useEffect(() => {
    if (!open) return undefined
    const close = (event) => {
      if (event.type === 'keydown' ? event.key === 'Escape' : !root.current.contains(event.target)) setOpen(false)
    }
    addEventListener('pointerdown', close)
    addEventListener('keydown', close)
    return () => {
      removeEventListener('pointerdown', close)
      removeEventListener('keydown', close)
    }
  }, [open])
  return html`<div class="account" ref=${root}>
    <button class="account-name" aria-label=${nameOf(me.person)} aria-haspopup="true" aria-expanded=${open ? 'true' : 'false'} onClick=${() => setOpen(!open)}>
      <${Icon} name="person" /><span>${nameOf(me.person)}</span><${Icon} name="chevron" size=${16} />
    </button>
    ${open &&
    html`<div class="menu">
      <p><b>${nameOf(me.person)}</b><span>${me.person.login}</span></p>
      <ul>
        ${me.roles.map((role, i) => html`<li key=${i}>${roleWord(role.role)}${role.area ? ` · ${nameOf(role.area)}` : ''}</li>`)}
      </ul>
      <${Languages} />
      <button class="menu-item" onClick=${() => actions.setTheme(theme === 'day' ? 'desk' : 'day')}>
        <${Icon} name=${theme === 'day' ? 'moon' : 'sun'} />${theme === 'day' ? t('Dark theme') : t('Light theme')}
      </button>
      <a class="menu-item" href="/account"><${Icon} name="person" />${t('My account')}</a>
      ${me.can.includes('hazard.read') && html`<a class="menu-item" href="/hazards"><${Icon} name="shield" />${t('Hazards')}</a>`}
      ${administers && html`<a class="menu-item" href="/admin"><${Icon} name="people" />${t('Administration')}</a>`}
      <button class="menu-item menu-keys" onClick=${actions.openKeys}><kbd>?</kbd>${t('All keys')}</button>
      <button class="menu-item" onClick=${actions.signOut}><${Icon} name="out" />${t('Sign out')}</button>
    </div>`}
  </div>`
}

function Languages() {
  const { actions } = usePage()
  return html`<div class="languages" role="group" aria-label=${t('Language')}>
    ${LANGUAGES.map(
      ({ code, name }) =>
        html`<button key=${code} lang=${code} aria-pressed=${locale() === code ? 'true' : 'false'} onClick=${() => actions.setLanguage(code)}>${name}</button>`,
    )}
  </div>`
}

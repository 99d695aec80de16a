/** The top bar of administration: its pages, the theme, the language, and the way out. */
import { html, useState } from '../vendor/preact.js'
import { signOut } from '../shared/api.js'
import { Bell } from '../shared/bell.js'
import { locale, setLanguage, t } from '../shared/i18n.js'
import { Icon, Mark } from '../shared/icons.js'
import { currentTheme, setTheme } from '../shared/theme.js'
import { nameOf } from '../shared/words.js'

/** Who holds one of these may bring files in or take them away. */
const FILE_RIGHTS = ['boundary.draft', 'account.manage', 'table.export', 'geometry.export']

/** Whose first page is the own desk. */
const DESK_ROLES = ['township', 'department', 'chief', 'supervisor']

/**
 * @param {{ me: object, here: string, onTheme?: (theme: string) => void }} props  `here`: files, people, devices, catalogue or outbox
 */
export function Topbar({ me, here, onTheme = () => {} }) {
  const [theme, take] = useState(currentTheme())
  const toggle = () => {
    const other = theme === 'day' ? 'desk' : 'day'
    setTheme(other)
    take(other)
    onTheme(other)
  }
  const themeWord = theme === 'day' ? t('Dark theme') : t('Light theme')
  const [tongue, tongueName, short] = locale() === 'en' ? ['zh-CN', '中文', '中'] : ['en', 'English', 'EN']
  const faces = facesOf(me)
  return html`<header class="topbar">
    <div class="brand">
      <a class="home" aria-label="gridmap" href=${faces[0]?.href ?? '/account'}><${Mark} /><b>gridmap</b></a>
      ${me.district && html`<span class="district" title=${nameOf(me.district)}>${nameOf(me.district)}</span>`}
      <nav class="faces" aria-label=${t('Faces')}>
        ${faces.map(({ name, href, word }) => html`<a key=${name} href=${href} aria-current=${name === here ? 'page' : undefined}>${word}</a>`)}
      </nav>
    </div>
    <div class="desk">
      <${Bell} zone=${me.district?.time_zone ?? 'UTC'} leads=${me.can.includes('map.see')} />
      <button class="tool" aria-label=${themeWord} title=${themeWord} onClick=${toggle}><${Icon} name=${theme === 'day' ? 'moon' : 'sun'} /></button>
      <button class="tool tool-language" lang=${tongue} aria-label=${tongueName} title=${tongueName} onClick=${() => setLanguage(tongue)}>${short}</button>
      <a class="account-name" href="/account" aria-label=${nameOf(me.person)}><${Icon} name="person" /><span>${nameOf(me.person)}</span></a>
      <button class="tool" aria-label=${t('Sign out')} title=${t('Sign out')} onClick=${signOut}><${Icon} name="out" /></button>
    </div>
  </header>`
}

function facesOf({ can, roles }) {
  const keeps = can.includes('account.manage')
  return [
    roles.some(({ role }) => DESK_ROLES.includes(role)) && { name: 'desk', href: '/desk', word: t('Desk') },
    can.includes('map.see') && { name: 'command', href: '/', word: t('Command') },
    can.includes('hotline.read') && { name: 'hotline', href: '/hotline', word: t('Hotline') },
    (can.includes('report.moderate') || can.includes('qr.manage')) && { name: 'residents', href: '/residents', word: t('Residents') },
    can.includes('hazard.read') && { name: 'hazards', href: '/hazards', word: t('Hazards') },
    can.includes('boundary.draft') && { name: 'planner', href: '/planner', word: t('Planning') },
    keeps && { name: 'people', href: '/admin/people', word: t('People') },
    keeps && { name: 'devices', href: '/admin/devices', word: t('Devices') },
    can.includes('catalogue.read') && { name: 'catalogue', href: '/admin/catalogue', word: t('Rules') },
    can.includes('setting.manage') && { name: 'outbox', href: '/admin/outbox', word: t('Outbox') },
    FILE_RIGHTS.some((right) => can.includes(right)) && { name: 'files', href: '/admin/files', word: t('Files') },
  ].filter(Boolean)
}

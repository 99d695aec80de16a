/** The desk: its lists at the left, the list that is open beside them, the map, and the card of what is selected. */
import { html, useEffect, useMemo, useState } from '../vendor/preact.js'
import { signOut } from '../shared/api.js'
import { Bell } from '../shared/bell.js'
import { locale, setLanguage, t } from '../shared/i18n.js'
import { Icon, Mark } from '../shared/icons.js'
import { KeysSheet } from '../shared/keys-sheet.js'
import { currentTheme } from '../shared/theme.js'
import { figure, isEnded, nameOf } from '../shared/words.js'
import { Card } from '../command/card.js'
import { MapPanel } from '../command/map-panel.js'
import { Page, useChosen, usePage } from '../command/use-store.js'
import { keyList } from './keys.js'
import { countLists, deskWord, listsOf, listWord, PANELS } from './lists.js'
import { Panel } from './panel.js'

export function App({ page }) {
  return html`<${Page.Provider} value=${page}><${Shell} /><//>`
}

function Shell() {
  const { actions } = usePage()
  const sheet = useChosen((state) => (state.selection && !(state.whistling && state.phone) ? 'card' : state.face))
  const keysOpen = useChosen((state) => state.keysOpen)
  return html`<div class="command desks" data-sheet=${sheet}>
    <${Topbar} />
    <${Lists} />
    <${Panel} />
    <${MapPanel} />
    <${Card} />
    <${WhistleBar} />
    <${PhoneTabs} />
    ${keysOpen && html`<${KeysSheet} groups=${keyList()} onClose=${actions.closeKeys} />`}
  </div>`
}

function Topbar() {
  const { store, actions, zone } = usePage()
  const me = useChosen((state) => state.me)
  const [theme, take] = useState(currentTheme())
  useEffect(() => actions.setTheme(theme), [theme])
  const themeWord = theme === 'day' ? t('Dark theme') : t('Light theme')
  const [tongue, tongueName, short] = locale() === 'en' ? ['zh-CN', '中文', '中'] : ['en', 'English', 'EN']
  const open = (id) => store.dispatch({ type: 'select', selection: { kind: 'incident', id } })
  return html`<header class="topbar">
    <div class="brand">
      <a class="home" aria-label="gridmap" href="/desk"><${Mark} /><b>gridmap</b></a>
      <${Desks} />
      <nav class="faces" aria-label=${t('Faces')}>
        <a href="/desk" aria-current="page">${t('Desk')}</a><a href="/">${t('Command')}</a>
        ${me.can.includes('boundary.draft') && html`<a href="/planner">${t('Planning')}</a>`}
      </nav>
    </div>
    <div class="desk">
      <${Bell} zone=${zone} hrefOf=${(id) => `/desk?incident=${id}`} onOpen=${open} />
      <button class="tool tool-theme" aria-label=${themeWord} title=${themeWord} onClick=${() => take(theme === 'day' ? 'desk' : 'day')}><${Icon} name=${theme === 'day' ? 'moon' : 'sun'} /></button>
      <button class="tool tool-language" lang=${tongue} aria-label=${tongueName} title=${tongueName} onClick=${() => setLanguage(tongue)}>${short}</button>
      <button class="tool tool-keys" aria-label=${t('All keys')} title=${t('All keys')} onClick=${actions.openKeys}>?</button>
      <a class="account-name" href="/account" aria-label=${nameOf(me.person)}><${Icon} name="person" /><span>${nameOf(me.person)}</span></a>
      <button class="tool" aria-label=${t('Sign out')} title=${t('Sign out')} onClick=${signOut}><${Icon} name="out" /></button>
    </div>
  </header>`
}

/** Whose desk this is, and over what; who has several roles changes over here. */
function Desks() {
  const { actions } = usePage()
  const me = useChosen((state) => state.me)
  const desks = useChosen((state) => state.desks)
  const desk = useChosen((state) => state.desk)
  const over = me.roles.find(({ role, area }) => role === desk && area)?.area
  if (desks.length === 1) {
    return html`<h1 class="district">${deskWord(desk)}${over && html` · ${nameOf(over)}`}</h1>`
  }
  return html`<div class="desk-choice" role="group" aria-label=${t('Desk')}>
    ${desks.map(
      (name) => html`<button key=${name} aria-pressed=${name === desk ? 'true' : 'false'} onClick=${() => actions.openDesk(name, listsOf(name)[0])}>${deskWord(name)}</button>`,
    )}
  </div>`
}

function Lists() {
  const { actions } = usePage()
  const desk = useChosen((state) => state.desk)
  const list = useChosen((state) => state.list)
  const rows = useChosen((state) => state.rows)
  const complete = useChosen((state) => state.complete)
  const work = useChosen((state) => state.work)
  const waits = useChosen((state) => state.me.waits)
  const now = useChosen((state) => Math.floor(state.now / 15_000) * 15_000)
  const counts = useMemo(() => (work ? countLists(desk, rows, { now, work, waits }) : {}), [desk, rows, work, waits, now])
  const known = (name) => (complete && work ? figure(counts[name]) : '…')
  return html`<nav class="desk-lists" aria-label=${t('Lists')}>
    <ul>
      ${listsOf(desk).map(
        (name, i) => html`<li key=${name}>
          <button aria-current=${name === list ? 'true' : undefined} class=${name === 'overdue' && counts.overdue ? 'alarming' : ''} onClick=${() => actions.openDesk(desk, name)}>
            <span>${listWord(name)}</span>${!PANELS.includes(name) && html`<b>${known(name)}</b>`}${i < 10 && html`<kbd aria-hidden="true">${(i + 1) % 10}</kbd>`}
          </button>
        </li>`,
      )}
    </ul>
  </nav>`
}

/** Under the card of an incident, for whoever may call departments to it. */
function WhistleBar() {
  const { actions } = usePage()
  const shown = useChosen(
    ({ selection, detail, whistling, me, desk }) =>
      selection?.kind === 'incident' && detail?.item && !isEnded(detail.item) && !whistling && me.can.includes('whistle.call') && listsOf(desk).includes('whistles'),
  )
  if (!shown) return null
  return html`<div class="whistle-bar"><button class="button" onClick=${() => actions.whistle(true)}><${Icon} name="whistle" />${t('Blow the whistle')}<kbd>W</kbd></button></div>`
}

/** On a phone one thing at a time: the list, the map, or the card over either. */
function PhoneTabs() {
  const { store } = usePage()
  const face = useChosen((state) => state.face)
  const go = (name) => {
    store.dispatch({ type: 'select', selection: null })
    store.dispatch({ type: 'prefer', face: name })
  }
  const tabs = [['list', 'list', t('Lists')], ['map', 'map', t('Map')]]
  return html`<nav class="phone-tabs" aria-label=${t('Parts of the page')}>
    ${tabs.map(
      ([name, icon, word]) => html`<button key=${name} aria-current=${face === name ? 'true' : undefined} onClick=${() => go(name)}><${Icon} name=${icon} />${word}</button>`,
    )}
  </nav>`
}

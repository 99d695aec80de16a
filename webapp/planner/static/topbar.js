/** The top bar: whose district, which face, what the open plan comes to, search, and what belongs to this desk. */
import { html } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { Search } from '../command/search.js'
import { Page } from '../command/use-store.js'
import { Bell } from '../shared/bell.js'
import { locale, t } from '../shared/i18n.js'
import { Icon, Mark } from '../shared/icons.js'
import { figure, nameOf } from '../shared/words.js'

export function Topbar({ state, actions, onGoTo }) {
  const { me, theme } = state
  const themeWord = theme === 'day' ? t('Dark theme') : t('Light theme')
  const [tongue, tongueName, short] = locale() === 'en' ? ['zh-CN', '中文', '中'] : ['en', 'English', 'EN']
  const search = { actions: { search: async (q, signal) => (await api.get('/search', { q }, { signal })).items, goTo: onGoTo } }
  return html`<header class="topbar">
    <div class="brand">
      <a class="home" aria-label="gridmap" href="/"><${Mark} /><b>gridmap</b></a>
      <span class="district" title=${nameOf(me.district)}>${nameOf(me.district)}</span>
      <nav class="faces" aria-label=${t('Faces')}>
        ${me.can.includes('map.see') && html`<a href="/">${t('Command')}</a>`}
        <a href="/planner" aria-current="page">${t('Planning')}</a>
        <a href="/admin/files">${t('Files')}</a>
      </nav>
    </div>
    <${PlanNumbers} state=${state} />
    <div class="desk">
      <${Page.Provider} value=${search}><${Search} /><//>
      <${Bell} zone=${me.district.time_zone} leads=${me.can.includes('map.see')} />
      <button class="tool" aria-label=${t('All keys')} title=${t('All keys')} onClick=${actions.openKeys}><kbd>?</kbd></button>
      <button class="tool tool-theme" aria-label=${themeWord} title=${themeWord} onClick=${() => actions.setTheme(theme === 'day' ? 'desk' : 'day')}>
        <${Icon} name=${theme === 'day' ? 'moon' : 'sun'} />
      </button>
      <button class="tool tool-language" lang=${tongue} aria-label=${tongueName} title=${tongueName} onClick=${() => actions.setLanguage(tongue)}>${short}</button>
      <a class="account-name" href="/account" aria-label=${nameOf(me.person)}><${Icon} name="person" /><span>${nameOf(me.person)}</span></a>
      <button class="tool" aria-label=${t('Sign out')} title=${t('Sign out')} onClick=${actions.signOut}><${Icon} name="out" /></button>
    </div>
  </header>`
}

/** Four numbers that matter of a plan; only what must change is coloured. */
function PlanNumbers({ state: { plan, check, impact } }) {
  if (!plan) return html`<div class="numbers plan-numbers"></div>`
  const grids = impact?.totals ?? plan
  const entries = [
    { key: 'edits', n: plan.edits, word: t('edits') },
    { key: 'households', n: plan.households_moved, word: t('households move') },
    { key: 'must', n: check?.must ?? 0, word: t('must change'), alarming: check?.must > 0 },
    { key: 'grids', n: grids.grids_before ?? 0, word: t('grids'), beside: t('%(n)s once published', { n: figure(grids.grids_after ?? 0) }) },
  ]
  return html`<dl class="numbers plan-numbers" aria-label=${t('Numbers')}>
    ${entries.map(
      ({ key, n, word, beside, alarming }) => html`<div key=${key} class=${alarming ? 'alarming' : ''}>
        <dt>${word}</dt><dd class="plan-number"><strong>${figure(n)}</strong></dd>${beside && html`<dd><em>${beside}</em></dd>`}
      </div>`,
    )}
  </dl>`
}

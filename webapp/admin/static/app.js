/** Files in and out: on the left what and how, in the middle the map and the rows, on the right what was found. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { locale, setLanguage, t } from '../shared/i18n.js'
import { setTheme } from '../shared/theme.js'
import { Icon, Mark } from '../shared/icons.js'
import { ExportForm } from './export-form.js'
import { ImportForm } from './import-form.js'
import { MapSide } from './map-side.js'
import { Result } from './result.js'
import { Rows } from './rows.js'
import { nameOf } from './words.js'

export function App({ store, work }) {
  const [state, take] = useState(store.state)
  useEffect(() => store.subscribe((next) => take(next)), [])
  const beside = state.mode === 'import'
  return html`<div class="command files" data-mode=${state.mode} data-rows=${state.result?.preview.length ? '' : undefined}>
    <${Topbar} state=${state} store=${store} work=${work} />
    <aside class="form-panel" aria-label=${t('Files in and out')}>
      <h1>${t('Files in and out')}</h1>
      <${Modes} state=${state} work=${work} />
      ${state.mode === 'import' ? html`<${ImportForm} state=${state} work=${work} />` : html`<${ExportForm} state=${state} work=${work} />`}
    </aside>
    <${MapSide} store=${store} state=${state} work=${work} />
    ${beside && html`<${Rows} result=${state.result} chosen=${state.chosen} zone=${state.me.district?.time_zone} work=${work} />`}
    ${beside && html`<${Result} state=${state} work=${work} />`}
  </div>`
}

function Modes({ state, work }) {
  if (!state.kinds.length || !state.exports.items.length) return null
  const modes = [['import', t('Import')], ['export', t('Export')]]
  return html`<div class="modes" role="group" aria-label=${t('Direction')}>
    ${modes.map(([mode, word]) => html`<button key=${mode} aria-pressed=${state.mode === mode ? 'true' : 'false'} onClick=${() => work.setMode(mode)}>${word}</button>`)}
  </div>`
}

function Topbar({ state, store, work }) {
  const { me, theme } = state
  const other = theme === 'day' ? 'desk' : 'day'
  const toggle = () => {
    setTheme(other)
    store.dispatch({ type: 'set', values: { theme: other } })
  }
  const [tongue, tongueName, short] = locale() === 'en' ? ['zh-CN', '中文', '中'] : ['en', 'English', 'EN']
  const seesMap = me.can.includes('map.see')
  return html`<header class="topbar">
    <div class="brand">
      <a class="home" href=${seesMap ? '/' : '/account'}><${Mark} /><b>gridmap</b></a>
      ${me.district && html`<span class="district" title=${nameOf(me.district)}>${nameOf(me.district)}</span>`}
      <nav class="faces" aria-label=${t('Faces')}>
        ${seesMap && html`<a href="/">${t('Command')}</a>`}
        <a href="/admin/files" aria-current="page">${t('Files')}</a>
      </nav>
    </div>
    <div class="desk">
      <button class="tool" aria-label=${theme === 'day' ? t('Dark theme') : t('Light theme')} title=${theme === 'day' ? t('Dark theme') : t('Light theme')} onClick=${toggle}>
        <${Icon} name=${theme === 'day' ? 'moon' : 'sun'} />
      </button>
      <button class="tool tool-language" lang=${tongue} aria-label=${tongueName} title=${tongueName} onClick=${() => setLanguage(tongue)}>${short}</button>
      <a class="account-name" href="/account"><${Icon} name="person" /><span>${me.person.name}</span></a>
      <button class="tool" aria-label=${t('Sign out')} title=${t('Sign out')} onClick=${work.signOut}><${Icon} name="out" /></button>
    </div>
  </header>`
}

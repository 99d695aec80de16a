/** Files in and out: on the left what and how, in the middle the map and the rows, on the right what was found. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { ExportForm } from './export-form.js'
import { ImportForm } from './import-form.js'
import { MapSide } from './map-side.js'
import { Result } from './result.js'
import { Rows } from './rows.js'
import { Topbar } from './topbar.js'

export function App({ store, work }) {
  const [state, take] = useState(store.state)
  useEffect(() => store.subscribe((next) => take(next)), [])
  const beside = state.mode === 'import'
  return html`<div class="command files" data-mode=${state.mode} data-rows=${state.result?.preview.length ? '' : undefined}>
    <${Topbar} me=${state.me} here="files" onTheme=${(theme) => store.dispatch({ type: 'set', values: { theme } })} />
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

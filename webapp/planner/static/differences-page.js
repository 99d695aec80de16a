/** Two days compared: which days, on the left; the map; and on the right the grids that are not what they were. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { Topbar } from '../admin/topbar.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { currentTheme } from '../shared/theme.js'
import { readAddress, writeAddress } from './differences-days.js'
import { Days, Totals } from './differences-form.js'
import { DifferenceMap } from './differences-map-panel.js'
import { DifferenceTable } from './differences-table.js'
import { DifferenceText } from './differences-text.js'

export function DifferencesPage({ me, editions }) {
  const zone = me.district.time_zone
  const [{ span, chosen }, choose] = useState(() => readAddress(location.search, editions, zone, Date.now()))
  const [theme, setTheme] = useState(currentTheme())
  const { found, failed, waiting } = useDifferences(span)
  useEffect(() => {
    const query = writeAddress(span, chosen)
    if (query !== location.search) history.replaceState(null, '', query)
  }, [span, chosen])
  const onSpan = (next) => choose({ span: next, chosen: null })
  const onChoose = (grid) => choose({ span, chosen: grid === chosen ? null : grid })
  const shown = failed ? null : found
  return html`<div class="command differences">
    <${Topbar} me=${me} here="differences" onTheme=${setTheme} />
    <aside class="difference-days" aria-label=${t('Which days')}>
      <h1>${t('Two days compared')}</h1>
      <${Days} span=${span} editions=${editions} zone=${zone} onSpan=${onSpan} />
      ${failed && html`<p class="difference-failure" role="alert">${failed}</p>`}
      ${shown && html`<${Totals} found=${shown} zone=${zone} />`}
      ${shown && html`<${DifferenceText} sentences=${shown.sentences} />`}
    </aside>
    <${DifferenceMap} me=${me} found=${shown} chosen=${chosen} theme=${theme} waiting=${waiting} onChoose=${onChoose} />
    <${DifferenceTable} found=${shown} chosen=${chosen} onChoose=${onChoose} />
  </div>`
}

/** What the server says of two days; an answer that comes late is nobody's. */
function useDifferences({ from, to }) {
  const [state, take] = useState({ found: null, failed: null, waiting: true })
  useEffect(() => {
    const line = new AbortController()
    take(({ found }) => ({ found, failed: null, waiting: true }))
    api.get('/differences', { from, to }, { signal: line.signal }).then(
      (found) => take({ found, failed: null, waiting: false }),
      (error) => {
        if (line.signal.aborted) return
        take({ found: null, failed: error.message, waiting: false })
        document.documentElement.dataset.ready = ''
      },
    )
    return () => line.abort()
  }, [from, to])
  return state
}

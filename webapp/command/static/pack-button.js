/** The grid on paper: one map and two tables, as of the day that is on the screen. */
import { html, useState } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { useChosen } from './use-store.js'

/** @param {{ code: string }} props  the code of the grid */
export function PackButton({ code }) {
  const may = useChosen((state) => state.me.can.includes('indicator.read'))
  const asOf = useChosen((state) => state.asOf)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState(null)
  if (!may) return null
  const take = async () => {
    setBusy(true)
    setFailure(null)
    try {
      await api.download(`/packs/${code}`, { as_of: asOf === null ? '' : new Date(asOf).toISOString() })
    } catch (error) {
      setFailure(error.message)
    } finally {
      setBusy(false)
    }
  }
  return html`<span class="pack">
    <button
      class="button small"
      aria-busy=${busy ? 'true' : 'false'}
      disabled=${busy}
      title=${busy ? t('Writing the file…') : t('One map and two tables of this grid, as a PDF')}
      onClick=${take}
    ><${Icon} name="file" size=${16} />${t('Grid pack')}</button>
    ${failure && html`<span class="why" role="alert">${failure}</span>`}
  </span>`
}

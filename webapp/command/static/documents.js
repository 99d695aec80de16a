/** Files to take along: the map as it is on the screen, and the brief of the last whole week. */
import { html, useState } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { usePage, useChosen } from './use-store.js'

/**
 * What the file of the map must be asked for to show what the screen shows.
 * @param {{ asOf: number|null, colouring: string, layers: string[] }} state
 */
export function mapWishes({ asOf = null, colouring, layers }) {
  const names = ['kind', 'open', 'overdue', 'areas', 'ground', ...layers.filter((name) => name === 'incidents')]
  return { by: colouring, layers: names.join(','), as_of: asOf === null ? '' : new Date(asOf).toISOString() }
}

export function DocumentTools() {
  const { store } = usePage()
  const may = useChosen((state) => state.me.can.includes('indicator.read'))
  const [busy, setBusy] = useState(null)
  const [failure, setFailure] = useState(null)
  if (!may) return null
  const fetchFile = async (name, path, query) => {
    setBusy(name)
    setFailure(null)
    try {
      await api.download(path, query)
    } catch (error) {
      setFailure(error.message)
    } finally {
      setBusy(null)
    }
  }
  const tools = [
    { name: 'map', icon: 'map', word: t('This map as a file'), take: () => fetchFile('map', '/maps/document', mapWishes(store.state)) },
    { name: 'brief', icon: 'file', word: t('Brief of last week'), take: () => fetchFile('brief', '/briefs/last') },
    { name: 'paper', icon: 'print', word: t('Brief of last week as PDF'), take: () => fetchFile('paper', '/briefs/last', { format: 'pdf' }) },
  ]
  return html`<div class="documents" role="group" aria-label=${t('Files')}>
    ${tools.map(
      ({ name, icon, word, take }) => html`<button
        key=${name}
        class="tool"
        aria-label=${word}
        aria-busy=${busy === name ? 'true' : 'false'}
        title=${busy === name ? t('Writing the file…') : word}
        disabled=${busy !== null}
        onClick=${take}
      >
        <${Icon} name=${icon} />
      </button>`,
    )}
    ${failure && html`<p class="documents-failure" role="alert">${failure}</p>`}
  </div>`
}

/** The card of a device: where it stands, where it looks, and whether it is heard. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { Section } from './section.js'
import { ago, moment } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { deviceWord, figure, nameOf } from '../shared/words.js'

export function DeviceCard({ item }) {
  const { store, actions, zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 15_000) * 15_000)
  const seen = item.seen_at && Date.parse(item.seen_at)
  const openGrid = () => store.dispatch({ type: 'select', selection: { kind: 'grid', id: item.grid.code } })
  return html`<div class="card-scroll">
    <header class="card-head">
      <div class="card-line"><code>${item.code}</code></div>
      <div class="card-title"><h2>${nameOf(item)}</h2><span class="state">${deviceWord(item.kind)}</span></div>
      <div class="card-under">
        <p class=${item.silent ? 'silent' : 'heard'}>${item.silent ? t('silent') : t('heard')}</p>
        <button class="button small" onClick=${actions.zoom}>${t('Zoom')}<kbd>Z</kbd></button>
      </div>
    </header>
    <${Section} title=${t('Heart-beat')} beside=${seen ? moment(seen, now, zone) : undefined}>
      <p class="fact">${seen ? t('last heard %(ago)s', { ago: ago(seen, now) }) : t('never heard')}</p>
      ${item.silent && html`<p class="why">${t('Look at its power and network; it is heard again with its next message.')}</p>`}
    <//>
    <${Section} title=${t('Place')}>
      ${item.grid &&
      html`<button class="grid-link" onClick=${openGrid}><${Icon} name="grid" size=${18} /><b>${nameOf(item.grid)}</b></button>`}
      <dl class="facts">
        ${facts(item).map(([word, value]) => html`<div key=${word}><dt>${word}</dt><dd>${value}</dd></div>`)}
      </dl>
      <p class="coordinates"><code>${item.lon.toFixed(6)}, ${item.lat.toFixed(6)}</code></p>
    <//>
  </div>`
}

const facts = (item) =>
  [
    [t('Open incidents'), item.open === null || item.open === undefined ? null : figure(item.open)],
    [t('Heading'), degrees(item.heading_deg)],
    [t('Tilt'), degrees(item.tilt_deg)],
    [t('Field of view'), degrees(item.fov_deg)],
    [t('Range'), metres(item.range_m)],
    [t('Height'), metres(item.height_m)],
  ].filter(([, value]) => value !== null)

const degrees = (n) => (n === null || n === undefined ? null : `${Math.round(n)}°`)
const metres = (n) => (n === null || n === undefined ? null : t('%(n)s m', { n: n < 20 ? n.toFixed(1) : figure(Math.round(n)) }))

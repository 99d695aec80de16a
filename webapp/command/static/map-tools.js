/** The small tools that lie on the map: colour of the grids, what lies on top, legend, scale, zoom. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { DocumentTools } from './documents.js'
import { COLOURINGS, LAYERS } from './state.js'
import { useChosen, usePage } from './use-store.js'
import { scaleOf } from '../shared/map/scale.js'
import { figure, kindWord } from '../shared/words.js'

const colouringWords = () => ({ kind: t('Kind'), open: t('Open'), overdue: t('Overdue') })
const layerWords = () => ({ incidents: t('Incidents'), devices: t('Devices'), sites: t('Sites') })
const LAYER_ICONS = { incidents: 'bell', devices: 'camera', sites: 'site' }

/** Keys 1 to 3. */
export function ColouringSwitch() {
  const { store } = usePage()
  const colouring = useChosen((state) => state.colouring)
  const words = colouringWords()
  return html`<div class="floating colouring" role="group" aria-label=${t('Colour the grids by')}>
    <span>${t('Grids')}</span>
    ${COLOURINGS.map(
      (name, i) => html`<button
        key=${name}
        aria-pressed=${colouring === name ? 'true' : 'false'}
        onClick=${() => store.dispatch({ type: 'colouring', colouring: name })}
      >
        ${words[name]}<kbd>${i + 1}</kbd>
      </button>`,
    )}
  </div>`
}

export function LayerColumn() {
  const { store } = usePage()
  const layers = useChosen((state) => state.layers)
  const words = layerWords()
  return html`<div class="floating layers" role="group" aria-label=${t('Layers')}>
    ${LAYERS.map(
      (name) => html`<button
        key=${name}
        class="tool"
        aria-pressed=${layers.includes(name) ? 'true' : 'false'}
        aria-label=${words[name]}
        title=${words[name]}
        onClick=${() => store.dispatch({ type: 'layer', layer: name })}
      >
        <${Icon} name=${LAYER_ICONS[name]} />
      </button>`,
    )}
    <${ZoneTool} />
    <${DocumentTools} />
  </div>`
}

/** Opens the safe zones that hold. */
function ZoneTool() {
  const { store } = usePage()
  const open = useChosen((state) => state.zonesOpen)
  return html`<button class="tool" aria-pressed=${open ? 'true' : 'false'} aria-label=${t('Safe zones')} title=${t('Safe zones')} onClick=${() => store.dispatch({ type: 'zonesOpen', open: !open })}>
    <${Icon} name="shield" />
  </button>`
}

export function ZoomButtons() {
  const { actions } = usePage()
  return html`<div class="floating zoom" role="group" aria-label=${t('Zoom')}>
    <button class="tool" aria-label=${t('Nearer')} title=${t('Nearer')} onClick=${() => actions.zoomBy(1)}><${Icon} name="plus" /></button>
    <button class="tool" aria-label=${t('Farther')} title=${t('Farther')} onClick=${() => actions.zoomBy(-1)}><${Icon} name="minus" /></button>
  </div>`
}

const STEPS = ['0', '1–2', '3–4', '5–7', '8+']

export function Legend() {
  const colouring = useChosen((state) => state.colouring)
  const { counts, credit } = useChosen((state) => state.me.district)
  const past = useChosen((state) => state.asOf !== null)
  return html`<div class="floating legend">
    ${colouring === 'kind'
      ? Object.keys(counts).map((kind) => html`<span key=${kind}><i class="swatch swatch-${kind}"></i>${kindWord(kind)}${!past && html`<b>${figure(counts[kind])}</b>`}</span>`)
      : html`<em>${colouring === 'open' ? t('Open per grid') : t('Overdue per grid')}</em>
          ${STEPS.map((step, i) => html`<span key=${step}><i class="swatch swatch-${colouring} swatch-step-${i}"></i>${step}</span>`)}`}
    <${ScaleBar} />
    ${credit && html`<small class="credit">${credit}</small>`}
  </div>`
}

function ScaleBar() {
  const view = useChosen((state) => state.view)
  if (!view) return null
  const { metres, px } = scaleOf(view)
  const text = metres >= 1000 ? t('%(n)s km', { n: metres / 1000 }) : t('%(n)s m', { n: metres })
  return html`<span class="scale"><i style=${{ width: `${px}px` }} aria-hidden="true"></i>${text}</span>`
}

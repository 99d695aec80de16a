/** The middle of the page: the map, with small tools on it and nothing over its middle. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { LookBack } from './day-bar.js'
import { HoverTag } from './hover-tag.js'
import { ColouringSwitch, LayerColumn, Legend, ZoomButtons } from './map-tools.js'
import { Toasts } from './toasts.js'
import { ZonePanel } from './zone-panel.js'
import { useChosen, usePage } from './use-store.js'

export function MapPanel() {
  const { startMap } = usePage()
  const element = useRef()
  const pointer = useRef({ x: 0, y: 0 })
  const [hover, setHover] = useState(null)
  const cardOpen = useChosen((state) => state.selection !== null)
  useEffect(() => {
    const onHover = (hit) => setHover(hit.kind === 'place' ? null : { hit, ...pointer.current })
    const stop = startMap(element.current, onHover)
    return stop
  }, [])
  const follow = (event) => {
    const box = element.current.getBoundingClientRect()
    pointer.current = { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  return html`<main class="map-panel ${cardOpen ? 'beside-card' : ''}" onPointerMove=${follow} onPointerLeave=${() => setHover(null)}>
    <div class="map" ref=${element}></div>
    <${LinkLine} />
    <${LookBack} />
    <${HoverTag} hover=${hover} />
    <${ColouringSwitch} />
    <${Toasts} />
    <${LayerColumn} />
    <${ZonePanel} />
    <${Legend} />
    <${ZoomButtons} />
  </main>`
}

const linkWords = () => ({
  offline: t('No network. What is on the screen may be old; it is brought up to date by itself.'),
  reconnecting: t('Connecting again…'),
})

/** A thin line on top of the map when news do not come in. */
function LinkLine() {
  const link = useChosen((state) => state.link)
  const words = linkWords()[link]
  return html`<div class="link-line link-${link}" role="status">${words && html`<span>${words}</span>`}</div>`
}

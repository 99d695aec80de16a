/** Before and after: the map is divided by a line with one round handle; in force on its left, the draft on its right. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'

const STEP = 0.02
const LIMITS = [0.04, 0.96]

/** @param {{ onMove: (share: number) => void }} properties  `share` of the width at which the draft begins */
export function Swipe({ onMove }) {
  const line = useRef()
  const [share, setShare] = useState(0.5)
  useEffect(() => onMove(share), [share])
  const put = (next) => setShare(Math.min(LIMITS[1], Math.max(LIMITS[0], next)))
  const follow = (event) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return
    const { left, width } = line.current.parentElement.getBoundingClientRect()
    put((event.clientX - left) / width)
  }
  const onKey = (event) => {
    const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key]
    if (!by) return
    event.preventDefault()
    put(share + by)
  }
  return html`<div class="swipe" ref=${line} style=${{ left: `${share * 100}%` }}>
    <span class="swipe-word swipe-before">${t('In force now')}</span>
    <span class="swipe-word swipe-after">${t('Draft')}</span>
    <button
      class="swipe-handle"
      role="slider"
      aria-label=${t('Before and after')}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.round(share * 100)}
      onPointerDown=${(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove=${follow}
      onKeyDown=${onKey}
    >
      <${Icon} name="swipe" size=${18} />
    </button>
  </div>`
}

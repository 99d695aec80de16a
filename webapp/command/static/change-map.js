/** A change of boundaries as two small maps: before, and after. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'

const SIZE = { width: 150, height: 92, margin: 8 }

/**
 * @param {{ before: object[], after: object }} properties  GeoJSON polygons in degrees; without `before` there is one map
 */
export function ChangeMap({ before, after }) {
  const fit = fitted([...before, after])
  const now = fit(after)
  if (!before.length) return html`<div class="change"><${Small} title=${t('Outline')}><path class="change-is" d=${now} /><//></div>`
  const then = before.map(fit)
  return html`<div class="change">
    <${Small} title=${t('Before the change')}><path class="change-ghost" d=${now} />${then.map((path, i) => html`<path key=${i} class="change-was" d=${path} />`)}<//>
    <${Small} title=${t('After the change')}>${then.map((path, i) => html`<path key=${i} class="change-ghost" d=${path} />`)}<path class="change-is" d=${now} /><//>
  </div>`
}

function Small({ title, children }) {
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg viewBox=${`0 0 ${SIZE.width} ${SIZE.height}`} aria-hidden="true">${children}</svg>
  </figure>`
}

/** The way from degrees to the small map that holds all of some polygons, metres alike in both directions. */
function fitted(polygons) {
  const points = polygons.flatMap((polygon) => polygon.coordinates.flat())
  const [west, east] = [Math.min(...points.map(([x]) => x)), Math.max(...points.map(([x]) => x))]
  const [south, north] = [Math.min(...points.map(([, y]) => y)), Math.max(...points.map(([, y]) => y))]
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const scale = Math.min((SIZE.width - 2 * SIZE.margin) / ((east - west) * narrow), (SIZE.height - 2 * SIZE.margin) / (north - south))
  const left = (SIZE.width - (east - west) * narrow * scale) / 2
  const top = (SIZE.height - (north - south) * scale) / 2
  const place = ([x, y]) => `${(left + (x - west) * narrow * scale).toFixed(1)} ${(top + (north - y) * scale).toFixed(1)}`
  return (polygon) => polygon.coordinates.map((ring) => `M${ring.map(place).join('L')}Z`).join('')
}

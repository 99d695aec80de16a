/** A version of a grid as a small map: its border, the one before dashed, and what it won or lost hatched. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { fitted } from './panel-small-map.js'

const SIZE = { width: 360, height: 220, margin: 16 }
const HATCH_PX = 7

/**
 * @param {{ version: object, id: string }} properties  a version as the history of a grid has it; `id` names its hatching
 */
export function VersionMap({ version, id }) {
  const before = version.from.filter(({ outline }) => outline)
  const place = fitted([version.outline, ...before.map(({ outline }) => outline)], SIZE)
  const own = before.filter((source) => source.own)
  // Even-odd: what lies in one of the two alone is what was won or lost.
  const moved = before.length ? [version, ...own].map(({ outline }) => place(outline)).join('') : ''
  const hatching = `hatching-${id}`
  return html`<figure class="version-map">
    <svg viewBox=${`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label=${before.length ? t('The border of this version, with the one before') : t('The border of this version')}>
      <defs>
        <pattern id=${hatching} width=${HATCH_PX} height=${HATCH_PX} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path class="hatch" d=${`M0 0V${HATCH_PX}`} />
        </pattern>
      </defs>
      <path class="is" d=${place(version.outline)} />
      ${moved && html`<path fill=${`url(#${hatching})`} fill-rule="evenodd" d=${moved} />`}
      ${before.map((source) => html`<path key=${source.code} class="was" d=${place(source.outline)} />`)}
    </svg>
  </figure>`
}

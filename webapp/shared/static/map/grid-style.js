// Grids: their fill by kind or by a count, and the lines between them.

import { Fill, Stroke, Style } from '../../vendor/ol.js'
import { dots, hatch } from './canvas.js'
import { fade } from './palette.js'
import { perResolution, zoomOf } from './scale.js'

/** @typedef {'kind'|'open'|'overdue'|'rounds'} Colouring */

const FILL = 1
const LINE = { urban: 2, rural: 2, dedicated: 3, community: 4, township: 5 }

/** The step of the load ramp that a count stands on: 0, 1-2, 3-4, 5-7, 8 and more. @param {number} count */
export function loadStep(count) {
  if (count < 1) return 0
  if (count < 3) return 1
  if (count < 5) return 2
  return count < 8 ? 3 : 4
}

/** The same ramp for the share of rounds that were made, turned around: all made is calm. @param {number} share 0..1 */
export function roundsStep(share) {
  return Math.min(4, Math.floor((1 - share) * 5))
}

/**
 * The style function of the grids.
 * @param {import('./palette.js').Palette} palette
 * @param {Colouring} colouring
 * @param {(feature: object) => {open: number, overdue: number, rounds: number|undefined}} countsOf
 */
export function gridStyle(palette, colouring, countsOf) {
  const fills = colouring === 'kind' ? kindFills(palette) : loadFills(palette)
  const far = perResolution((resolution) => zoomOf(resolution) < 13.5)
  const sheet = perResolution((resolution) => drawLines(palette, zoomOf(resolution), colouring))
  return (feature, resolution) => {
    if (feature.get('of') === 'border') return sheet(resolution)[feature.get('border')]
    if (feature.get('of') !== 'grids') return undefined
    // Dots need room: from far away they are noise, and the dashed olive line says "rural" alone.
    if (colouring === 'kind') return feature.get('kind') === 'rural' && far(resolution) ? undefined : fills[feature.get('kind')]
    const { open, overdue, rounds } = countsOf(feature)
    if (colouring === 'open') return fills.steps[loadStep(open)]
    if (colouring === 'overdue') return fills.late[loadStep(overdue)]
    return rounds === undefined ? undefined : fills.steps[roundsStep(rounds)]
  }
}

const filled = (color) => new Style({ fill: new Fill({ color }), zIndex: FILL })

function kindFills(palette) {
  const { pixelRatio, dark } = palette
  const violet = fade(palette.kindDedicated, dark ? 0.55 : 0.5)
  return {
    urban: filled(fade(palette.kindUrban, dark ? 0.1 : 0.07)),
    rural: filled(dots(fade(palette.kindRural, dark ? 0.3 : 0.4), { pixelRatio })),
    dedicated: filled(hatch(violet, 0.9, { background: fade(palette.kindDedicated, 0.1), pixelRatio })),
  }
}

function loadFills(palette) {
  const alpha = palette.wall ? 0.74 : palette.dark ? 0.6 : 0.55
  const tint = (step) => fade(palette[`load${step}`], alpha)
  const red = fade(palette.sev1, 0.85)
  const striped = (step) => filled(hatch(red, 1, { background: tint(step), pixelRatio: palette.pixelRatio }))
  const steps = [undefined, ...[1, 2, 3, 4].map((step) => filled(tint(step)))]
  return { steps, late: [undefined, ...[1, 2, 3, 4].map(striped)] }
}

function drawLines(palette, zoom, colouring) {
  const line = (color, width, zIndex, lineDash) =>
    new Style({ stroke: new Stroke({ color, width, lineDash, lineCap: lineDash ? 'butt' : 'round', lineJoin: 'round' }), zIndex })
  const [far, near] = [zoom < 13.5, zoom >= 15.5]
  const thick = palette.wall ? 1.5 : 1
  const { gridLine, kindRural, kindDedicated, communityLine, townshipLine, mapHalo } = palette
  const urban = line(far ? fade(gridLine, 0.75) : gridLine, (far ? 0.7 : near ? 1.1 : 0.9) * thick, LINE.urban)
  // By load the fill speaks, and a line by kind would only add noise.
  const rural = colouring === 'kind'
    ? line(fade(kindRural, far ? 0.6 : 0.9), (far ? 0.8 : 1) * thick, LINE.rural, far ? [3, 1.5] : [6, 4])
    : line(fade(gridLine, far ? 0.55 : 0.8), 0.8 * thick, LINE.rural, far ? [3, 1.5] : [6, 4])
  const dedicated = far
    ? line(kindDedicated, 1.1 * thick, LINE.dedicated)
    : [line(kindDedicated, 4 * thick, LINE.dedicated), line(mapHalo, 2 * thick, LINE.dedicated)]
  const dashes = far ? [8, 2.5, 2, 2.5] : [11, 3, 2, 3]
  return {
    urban,
    rural,
    dedicated,
    community: far ? undefined : line(communityLine, 1.5 * thick, LINE.community),
    township: [line(mapHalo, (far ? 3 : 4.5) * thick, LINE.township), line(townshipLine, (far ? 1.4 : 2) * thick, LINE.township, dashes)],
  }
}

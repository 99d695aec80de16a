// Which name is written where: streets and rivers, grids, communities, townships.

import { keepsake } from './canvas.js'
import { hasRoom, label, lineLabel, nameIn } from './labels.js'
import { zoomOf } from './scale.js'
import { keepApart } from './spacing.js'

const RIVER_FROM = 11.5
const COMMUNITY_FROM = 13.6
/** First zoom at which streets of a rank bear their name. */
const STREET_FROM = { 0: 13.5, 1: 13.5, 2: 14.5, 3: 15.9, 4: 16.5, 5: 17.5 }
/** The same name again along the same street or river, at the earliest. */
const STREET_APART_PX = 440
const RIVER_APART_PX = 700
/** From here on a grid shows its number or count, then its name. */
export const NUMBER_FROM = 15.4
const NAME_FROM = 16.6

/**
 * Names along streets and rivers.
 * @param {import('./palette.js').Palette} palette @param {string} language
 * @returns {(features: object[], resolution: number) => import('./marks.js').Mark[]}
 */
export function streetNames(palette, language) {
  const size = Math.round(palette.fontPx * 0.93)
  const street = { font: `400 {size} ${palette.fontUi}`, size, colour: palette.mapStreetLabel, halo: palette.mapHalo, haloPx: 1.5 }
  const water = { font: `400 {size} ${palette.fontWater}`, size: size * 1.3, colour: palette.mapWaterLabel, halo: palette.mapWater, haloPx: 2.2 }
  const nameOf = (feature) => nameIn(language, feature.getProperties())
  const kept = keepsake(2000)
  const markOf = (feature, resolution) => {
    const [name, flat, river] = [nameOf(feature), feature.getFlatCoordinates(), feature.get('water')]
    const wide = /\p{Script=Han}/u.test(name)
    const face = river ? { ...water, gap: wide ? size * 3 : 3 } : { ...street, gap: wide ? size * 0.75 : 0.4 }
    // The same line at the same zoom always bears the same picture; null says that the name does not fit.
    return kept(`${name}|${flat[0]}|${flat[1]}|${flat.length}|${resolution}`, () => lineLabel(name, face, palette, flat, resolution) ?? null)
  }
  return (features, resolution) => {
    const zoom = zoomOf(resolution)
    const from = (feature) => (feature.get('water') ? RIVER_FROM : STREET_FROM[feature.get('rank')] ?? 15.5)
    const named = features.filter((feature) => zoom >= from(feature))
    const firmness = (feature) => (feature.get('water') ? 9 : feature.get('rank') ?? 8)
    named.sort((one, other) => firmness(one) - firmness(other))
    return keepApart(named.map((feature) => ({ feature, mark: markOf(feature, resolution) })).filter(({ mark }) => mark), {
      nameOf: ({ feature }) => nameOf(feature),
      placeOf: ({ mark }) => [mark.x, mark.y],
      apartOf: ({ feature }) => resolution * (feature.get('water') ? RIVER_APART_PX : STREET_APART_PX),
    }).map(({ mark }) => mark)
  }
}

/**
 * Numbers, counts and names of grids.
 * @param {import('./palette.js').Palette} palette
 * @param {import('./grid-style.js').Colouring} colouring
 * @param {(feature: object) => {open: number, overdue: number, rounds: number|undefined}} countsOf
 * @param {string} language
 * @returns {(features: object[], resolution: number) => import('./marks.js').Mark[]}
 */
export function gridNames(palette, colouring, countsOf, language) {
  const base = { size: palette.fontPx, halo: palette.mapHalo, haloPx: palette.wall ? 2 : 1.7 }
  const plain = { ...base, font: `400 {size} ${palette.fontUi}`, colour: palette.mapLabel }
  const strong = { ...base, font: `600 {size} ${palette.fontUi}`, colour: palette.text1 }
  const owned = { ...base, font: `600 {size} ${palette.fontUi}`, colour: palette.kindDedicated }
  return (features, resolution) => {
    const zoom = zoomOf(resolution)
    if (zoom < NUMBER_FROM) return []
    return features.flatMap((feature) => {
      const dedicated = feature.get('kind') === 'dedicated'
      const text = colouring === 'kind'
        ? dedicated || zoom >= NAME_FROM ? nameIn(language, feature.getProperties()) : feature.get('short')
        : countText(colouring, countsOf(feature))
      const face = colouring !== 'kind' ? strong : dedicated ? owned : plain
      if (!text || !hasRoom(face, text, feature.get('r') / resolution)) return []
      const [x, y] = feature.getFlatCoordinates()
      return [{ x, y, canvas: label(text, face, palette) }]
    })
  }
}

function countText(colouring, counts) {
  if (colouring === 'rounds') return counts.rounds === undefined ? '' : `${Math.round(counts.rounds * 100)}%`
  return counts[colouring] > 0 ? String(counts[colouring]) : ''
}

/**
 * Names of townships, and nearer by of communities.
 * @param {import('./palette.js').Palette} palette @param {string} language
 * @returns {(features: object[], resolution: number) => import('./marks.js').Mark[]}
 */
export function areaNames(palette, language) {
  const township = { font: `600 {size} ${palette.fontUi}`, size: palette.fontPx + 1, colour: palette.text1, halo: palette.mapHalo, haloPx: 2 }
  const community = { font: `400 {size} ${palette.fontUi}`, size: palette.fontPx, colour: palette.mapLabel, halo: palette.mapHalo, haloPx: 1.8 }
  return (features, resolution) => {
    const zoom = zoomOf(resolution)
    if (zoom >= NUMBER_FROM) return []
    const far = zoom < COMMUNITY_FROM
    const [kind, face] = far ? ['township', township] : ['community', community]
    // Few names, and each matters: above a symbol that stands there, or below it.
    const lifts = (far ? [1.75, -1.75, 0.9, -0.9, 2.6, -2.6] : [1, -1]).map((times) => times * palette.symbolPx)
    return features.filter((feature) => feature.get('kind') === kind).map((feature) => {
      const text = nameIn(language, feature.getProperties())
      const [x, y] = feature.getFlatCoordinates()
      return { x, y, lifts, canvas: label(text, face, palette) }
    })
  }
}

// Which name is written where: streets and rivers, grids, communities, townships.

import { RANK, hasRoom, lineLabel, pointLabel } from './labels.js'
import { zoomOf } from './scale.js'
import { Spacing } from './spacing.js'

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
 */
export function streetNames(palette, language) {
  const size = Math.round(palette.fontPx * 0.93)
  const street = { font: `400 {size} ${palette.fontUi}`, size, colour: palette.mapStreetLabel, halo: palette.mapHalo, haloPx: 1.5 }
  const water = { font: `400 {size} ${palette.fontWater}`, size: size * 1.3, colour: palette.mapWaterLabel, halo: palette.mapWater, haloPx: 2.2 }
  const spacing = new Spacing()
  return (feature, resolution) => {
    const zoom = zoomOf(resolution)
    const river = feature.get('water')
    if (zoom < (river ? 11.5 : STREET_FROM[feature.get('rank')] ?? 15.5)) return undefined
    const name = (language.startsWith('zh') ? undefined : feature.get('nameEn')) ?? feature.get('name')
    const wide = /\p{Script=Han}/u.test(name)
    const face = river ? { ...water, gap: wide ? size * 3 : 3 } : { ...street, gap: wide ? size * 0.75 : 0.4 }
    const rank = river ? RANK.water : RANK.street
    const allows = (at) => spacing.allows(name, at, resolution * (river ? RIVER_APART_PX : STREET_APART_PX))
    return lineLabel(name, face, palette, feature.getFlatCoordinates(), { resolution, rank, allows })
  }
}

/**
 * Numbers, counts and names of grids.
 * @param {import('./palette.js').Palette} palette
 * @param {import('./grid-style.js').Colouring} colouring
 * @param {(feature: object) => {open: number, overdue: number, rounds: number|undefined}} countsOf
 * @param {number} stretch
 */
export function gridNames(palette, colouring, countsOf, stretch) {
  const base = { size: palette.fontPx, halo: palette.mapHalo, haloPx: palette.wall ? 2 : 1.7 }
  const plain = { ...base, font: `400 {size} ${palette.fontUi}`, colour: palette.mapLabel }
  const strong = { ...base, font: `600 {size} ${palette.fontUi}`, colour: palette.text1 }
  const owned = { ...base, font: `600 {size} ${palette.fontUi}`, colour: palette.kindDedicated }
  return (feature, resolution) => {
    const zoom = zoomOf(resolution)
    if (zoom < NUMBER_FROM) return undefined
    const dedicated = feature.get('kind') === 'dedicated'
    const text = colouring === 'kind'
      ? feature.get(dedicated || zoom >= NAME_FROM ? 'name' : 'short')
      : countText(colouring, countsOf(feature))
    const face = colouring !== 'kind' ? strong : dedicated ? owned : plain
    if (!text || !hasRoom(face, text, (feature.get('r_m') * stretch) / resolution)) return undefined
    return pointLabel(text, face, palette, { rank: RANK.grid })
  }
}

function countText(colouring, counts) {
  if (colouring === 'rounds') return counts.rounds === undefined ? '' : `${Math.round(counts.rounds * 100)}%`
  return counts[colouring] > 0 ? String(counts[colouring]) : ''
}

/**
 * Names of townships, and nearer by of communities.
 * @param {import('./palette.js').Palette} palette @param {string} language
 */
export function areaNames(palette, language) {
  const township = { font: `600 {size} ${palette.fontUi}`, size: palette.fontPx + 1, colour: palette.text1, halo: palette.mapHalo, haloPx: 2 }
  const community = { font: `400 {size} ${palette.fontUi}`, size: palette.fontPx, colour: palette.mapLabel, halo: palette.mapHalo, haloPx: 1.8 }
  return (feature, resolution) => {
    const zoom = zoomOf(resolution)
    const kind = feature.get('kind')
    const text = (language.startsWith('zh') ? undefined : feature.get('name_en')) ?? feature.get('name')
    // A township's cluster stands at the same point; its name stands above the ring.
    if (kind === 'township' && zoom < 13.6) return pointLabel(text, township, palette, { rank: RANK.township, lift: palette.symbolPx * 1.75 })
    if (kind === 'community' && zoom >= 13.6 && zoom < NUMBER_FROM) return pointLabel(text, community, palette, { rank: RANK.community })
    return undefined
  }
}

// The colours and sizes of the theme in force. Every colour on the map comes from a CSS variable of tokens.css.

const COLOURS = [
  'accent', 'accent-ink', 'bg-app', 'bg-panel', 'focus', 'ok', 'text-1', 'text-2',
  'sev-1', 'sev-2', 'sev-3', 'sev-4', 'sev-ink', 'sev-3-ink', 'sev-3-line',
  'kind-urban', 'kind-rural', 'kind-dedicated', 'load-0', 'load-1', 'load-2', 'load-3', 'load-4',
  'map-land', 'map-field-a', 'map-field-b', 'map-field-c', 'map-field-line', 'map-forest', 'map-park', 'map-water',
  'map-water-line', 'map-town', 'map-block', 'map-arterial', 'map-street-casing', 'map-street', 'map-lane',
  'map-building', 'map-building-line', 'map-rail', 'map-motorway', 'map-label', 'map-street-label', 'map-water-label',
  'map-halo', 'map-outside', 'grid-line', 'community-line', 'township-line',
  'zone-1', 'zone-2', 'zone-3', 'zone-4', 'zone-5', 'zone-6',
]

/**
 * @typedef {Record<string, string> & {dark: boolean, wall: boolean, symbolPx: number, fontPx: number, pixelRatio: number}} Palette
 * Colours under the camel-cased name of their variable (`mapLand`), fonts as `fontUi` and `fontWater`.
 */

/**
 * Read the palette that holds for an element.
 * @param {HTMLElement} element  carries or inherits `data-theme`
 * @returns {Palette}
 */
export function readPalette(element) {
  const style = getComputedStyle(element)
  const value = (name) => style.getPropertyValue(`--${name}`).trim()
  const palette = { fontUi: value('font-ui'), fontWater: value('font-water') }
  for (const name of COLOURS) palette[camel(name)] = value(name)
  palette.dark = style.colorScheme.includes('dark')
  palette.symbolPx = parseFloat(value('symbol-size'))
  palette.fontPx = parseFloat(value('map-font'))
  palette.wall = palette.symbolPx >= 30
  palette.pixelRatio = window.devicePixelRatio || 1
  return palette
}

/** @param {string} name  'map-field-a' -> 'mapFieldA' */
const camel = (name) => name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())

/**
 * A colour of the palette, seen through.
 * @param {string} hex  '#rrggbb'
 * @param {number} alpha  0..1
 * @returns {string}
 */
export function fade(hex, alpha) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16))
  return `rgba(${red},${green},${blue},${alpha})`
}

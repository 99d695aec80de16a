// Sites, staff and safe zones.

import { Feature, Fill, Polygon, Stroke, Style, VectorLayer, VectorSource } from '../../vendor/ol.js'
import { hatch, keepsake, picture } from './canvas.js'
import { thingOf } from './hits.js'
import { label, nameIn } from './labels.js'
import { fade } from './palette.js'
import { project, zoomOf } from './scale.js'
import { SharpTileLayer } from './tiles.js'

const SITES_FROM = 16.6
const PEOPLE_FROM = 13.5
const ZONE_TAGS_FROM = 13

export class SiteMarks {
  /** @param {import('../../vendor/ol.js').VectorTileSource} tiles @param {string} language */
  constructor(tiles, language) {
    this.language = language
    this.layer = new SharpTileLayer({ source: tiles, renderMode: 'vector', style: null, minZoom: SITES_FROM })
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    this.palette = palette
    this.dot = picture(7, 7, palette.pixelRatio, (context) => {
      context.beginPath()
      context.arc(3.5, 3.5, 2, 0, 2 * Math.PI)
      context.fillStyle = palette.mapStreetLabel
      context.strokeStyle = palette.mapHalo
      context.lineWidth = 1.5
      context.stroke()
      context.fill()
    })
  }

  /** Sites in view, as hits. */
  things(extent, resolution) {
    if (!this.layer.getVisible() || zoomOf(resolution) < SITES_FROM) return []
    return this.layer.featuresOf('sites', extent).map(thingOf)
  }

  /** @returns {import('./marks.js').Mark[]} */
  marks(extent, resolution) {
    const { palette, dot } = this
    const size = Math.round(palette.fontPx * 0.85)
    const face = { font: `400 {size} ${palette.fontUi}`, size, colour: palette.mapStreetLabel, halo: palette.mapHalo, haloPx: 1.5 }
    return this.things(extent, resolution).flatMap(({ at: [x, y], properties }) => {
      const name = nameIn(this.language, properties)
      const mark = { x, y, canvas: dot, solid: true }
      return name ? [mark, { x, y, lift: size, canvas: label(name, face, palette) }] : [mark]
    })
  }
}

/**
 * @typedef {{id: string, lon: number, lat: number, surname: string, stale: boolean}} Person  `stale`: not heard of for 5 minutes
 */

/** Rounded square with the surname; a foot, so that nobody takes it for a severity. */
export class PeopleMarks {
  constructor() {
    this.people = []
    this.visible = true
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    const pictures = keepsake(800)
    this.pictureOf = ({ surname, stale }) => pictures(`${surname}|${stale}`, () => drawPerson(palette, surname, stale))
  }

  /** People, as hits. */
  things(_, resolution) {
    if (!this.visible || zoomOf(resolution) < PEOPLE_FROM) return []
    return this.people.map((person) => ({ at: project(person.lon, person.lat), properties: person }))
  }

  /** @returns {import('./marks.js').Mark[]} */
  marks(extent, resolution) {
    return this.things(extent, resolution).map(({ at: [x, y], properties }) => ({ x, y, canvas: this.pictureOf(properties), solid: true }))
  }
}

function drawPerson(palette, surname, stale) {
  const k = palette.symbolPx / 18
  return picture(24 * k, 26 * k, palette.pixelRatio, (context) => {
    context.scale(k, k)
    context.translate(12, 11)
    context.beginPath()
    context.roundRect(-8, -8, 16, 16, 2.5)
    context.moveTo(-3, 8)
    context.lineTo(0, 11.5)
    context.lineTo(3, 8)
    context.lineJoin = 'round'
    context.strokeStyle = palette.mapHalo
    context.lineWidth = 4.5
    context.stroke()
    context.fillStyle = palette.bgPanel
    context.fill()
    context.setLineDash(stale ? [3, 2] : [])
    context.strokeStyle = palette.ok
    context.lineWidth = 1.6
    context.stroke()
    context.fillStyle = palette.text1
    context.font = `600 10px ${palette.fontUi}`
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.fillText([...surname][0] ?? '', 0, 0.5)
  })
}

/** @typedef {{id: string, ring: [number, number][], tag: string}} Zone  ring in WGS 84 degrees; tag: name and hour of expiry */

export class ZoneMarks {
  constructor() {
    this.source = new VectorSource()
    this.layer = new VectorLayer({ source: this.source, renderBuffer: 100 })
  }

  /** @param {Zone[]} zones */
  set(zones) {
    const shapeOf = ({ ring }) => new Polygon([ring.map(([lon, lat]) => project(lon, lat))])
    this.source.clear(true)
    this.source.addFeatures(zones.map((zone) => new Feature({ tag: zone.tag, geometry: shapeOf(zone) })))
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    this.palette = palette
    const stripes = hatch(fade(palette.sev1, 0.4), 2, { pixelRatio: palette.pixelRatio, background: fade(palette.sev1, 0.08) })
    const border = new Stroke({ color: palette.sev1, width: 2, lineDash: [6, 4] })
    this.layer.setStyle(new Style({ fill: new Fill({ color: stripes }), stroke: border }))
  }

  /** @returns {import('./marks.js').Mark[]}  the tag stands under its zone */
  marks(_, resolution) {
    if (!this.layer.getVisible() || zoomOf(resolution) < ZONE_TAGS_FROM) return []
    const { palette } = this
    const face = { font: `600 {size} ${palette.fontUi}`, size: palette.fontPx, colour: palette.sev1, halo: palette.mapHalo, haloPx: 1.8 }
    return this.source.getFeatures().map((feature) => {
      const [west, south, east] = feature.getGeometry().getExtent()
      return { x: (west + east) / 2, y: south, lift: -palette.fontPx, solid: true, canvas: label(feature.get('tag'), face, palette) }
    })
  }
}

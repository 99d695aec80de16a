// Sites, people on duty and safe zones.

import { Feature, Fill, Point, Polygon, Stroke, Style, VectorLayer, VectorSource } from '../../vendor/ol.js'
import { hatch, icon, keepsake, picture } from './canvas.js'
import { pointLabel } from './labels.js'
import { fade } from './palette.js'
import { project, zoomOf } from './scale.js'
import { SharpTileLayer } from './tiles.js'

const SITES_FROM = 16.6

/** @param {import('../../vendor/ol.js').VectorTileSource} tiles */
export function siteLayer(tiles) {
  return new SharpTileLayer({ source: tiles, renderMode: 'vector', declutter: 'labels', renderBuffer: 60, minZoom: SITES_FROM })
}

/** @param {import('./palette.js').Palette} palette */
export function siteStyle(palette) {
  const size = Math.round(palette.fontPx * 0.85)
  const face = { font: `400 {size} ${palette.fontUi}`, size, colour: palette.mapStreetLabel, halo: palette.mapHalo, haloPx: 1.5 }
  const dot = picture(7, 7, palette.pixelRatio, (context) => {
    context.beginPath()
    context.arc(3.5, 3.5, 2, 0, 2 * Math.PI)
    context.fillStyle = palette.mapStreetLabel
    context.strokeStyle = palette.mapHalo
    context.lineWidth = 1.5
    context.stroke()
    context.fill()
  })
  const mark = new Style({ image: icon(dot, palette.pixelRatio, 'obstacle'), zIndex: 12 })
  return (feature, resolution) => {
    if (zoomOf(resolution) < SITES_FROM) return undefined
    const name = feature.get('name')
    return name ? [mark, pointLabel(name, face, palette, { rank: 10, lift: size })] : mark
  }
}

/** Rounded square with the surname; a foot, so that nobody takes it for a severity. */
export class PeopleLayer {
  constructor() {
    this.source = new VectorSource()
    this.layer = new VectorLayer({ source: this.source, declutter: 'labels', renderBuffer: 40, minZoom: 13.5 })
  }

  /** @param {{id: string, lon: number, lat: number, surname: string, stale: boolean}[]} people */
  set(people) {
    this.source.clear(true)
    this.source.addFeatures(people.map(({ lon, lat, ...rest }) => new Feature({ ...rest, kind: 'person', geometry: new Point(project(lon, lat)) })))
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    const styles = keepsake(800)
    this.layer.setStyle((feature) => {
      const [surname, stale] = [feature.get('surname'), Boolean(feature.get('stale'))]
      return styles(`${surname}|${stale}`, () => new Style({ image: icon(drawPerson(palette, surname, stale), palette.pixelRatio, 'obstacle'), zIndex: 85 }))
    })
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

export class ZoneLayer {
  constructor() {
    this.source = new VectorSource()
    this.layer = new VectorLayer({ source: this.source, declutter: 'labels', renderBuffer: 100 })
  }

  /** @param {{id: string, ring: [number, number][], tag: string}[]} zones  rings in WGS 84 degrees */
  set(zones) {
    this.source.clear(true)
    this.source.addFeatures(zones.map(({ id, ring, tag }) => new Feature({ id, tag, kind: 'zone', geometry: new Polygon([ring.map(([lon, lat]) => project(lon, lat))]) })))
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    const area = new Style({
      fill: new Fill({ color: hatch(fade(palette.sev1, 0.4), 2, { pixelRatio: palette.pixelRatio, background: fade(palette.sev1, 0.08) }) }),
      stroke: new Stroke({ color: palette.sev1, width: 2, lineDash: [6, 4] }),
    })
    const face = { font: `600 {size} ${palette.fontUi}`, size: palette.fontPx, colour: palette.sev1, halo: palette.mapHalo, haloPx: 1.8 }
    this.layer.setStyle((feature, resolution) => {
      const [west, south, east] = feature.getGeometry().getExtent()
      const label = pointLabel(feature.get('tag'), face, palette, { rank: 70, lift: -palette.fontPx }).clone()
      label.setGeometry(new Point([(west + east) / 2, south]))
      return resolution > 20 ? area : [area, label]
    })
  }
}

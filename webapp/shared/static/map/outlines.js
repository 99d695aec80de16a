// Shapes of a file that is not in the database, over the district, and the places where something is wrong with it.

import { Feature, Fill, Point, Polygon, Stroke, Style, VectorLayer, VectorSource } from '../../vendor/ol.js'
import { picture } from './canvas.js'
import { fade } from './palette.js'
import { project } from './scale.js'
import { holds } from './sight.js'

const POINT_PX = 4

/**
 * @typedef {{id: number, geometry: {type: string, coordinates: any}}} Outline  GeoJSON, WGS 84 degrees; `id` is the row
 * @typedef {{lon: number, lat: number, grave: boolean, row: number|null}} Flaw
 * @typedef {{row?: number|null, flaw?: number|null}} Chosen  `flaw`: its place in the list
 */

export class OutlineMarks {
  constructor() {
    this.shapes = []
    this.flaws = []
    this.wrong = new Set()
    this.chosen = {}
    this.source = new VectorSource()
    this.layer = new VectorLayer({ source: this.source, renderBuffer: 20 })
  }

  /** @param {Outline[]} outlines @param {Flaw[]} flaws */
  set(outlines, flaws) {
    this.shapes = outlines.flatMap(({ id, geometry }) => partsOf(geometry).map((part) => ({ row: id, ...part })))
    this.flaws = flaws
    this.wrong = new Set(flaws.filter(({ grave }) => grave).map(({ row }) => row))
    this.chosen = {}
    this.source.clear(true)
    this.source.addFeatures(this.shapes.map(featureOf))
  }

  /** @param {Chosen} chosen */
  choose(chosen) {
    this.chosen = chosen
    this.layer.changed()
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    this.palette = palette
    this.looks = {
      plain: new Style(look(palette.accent, palette, 0.05, 1.4)),
      wrong: new Style(look(palette.sev2, palette, 0.2, 2.4)),
      chosen: new Style({ ...look(palette.accent, palette, 0.18, 3.4), zIndex: 1 }),
    }
    this.points = Object.fromEntries(['plain', 'wrong', 'chosen'].map((name) => [name, pointStyle(palette, name)]))
    this.layer.setStyle((feature) => {
      const row = feature.get('row')
      const name = row === this.chosen.row ? 'chosen' : this.wrong.has(row) ? 'wrong' : 'plain'
      return feature.get('kind') === 'point' ? this.points[name] : this.looks[name]
    })
  }

  /** @returns {import('./marks.js').Mark[]}  the chosen flaw first, then grave ones, then the others */
  marks() {
    const rank = ({ grave }, at) => (at === this.chosen.flaw ? 0 : grave ? 1 : 2)
    return this.flaws
      .map((flaw, at) => ({ flaw, at, rank: rank(flaw, at) }))
      .filter(({ flaw }) => flaw.lon !== null)
      .sort((one, other) => one.rank - other.rank)
      .map(({ flaw, at }) => {
        const [x, y] = project(flaw.lon, flaw.lat)
        return { x, y, solid: true, canvas: flawPicture(this.palette, flaw.grave, at === this.chosen.flaw) }
      })
  }

  /**
   * What of the file lies at a place: a flaw before a shape, and of shapes the smallest.
   * @param {number[]} at  EPSG:3857 @param {number} reach  EPSG:3857 metres
   * @returns {{kind: 'flaw'|'outline', id: number, at: number[]}|undefined}
   */
  hit([x, y], reach) {
    let found
    let least = reach
    this.flaws.forEach(({ lon, lat }, at) => {
      if (lon === null) return
      const there = project(lon, lat)
      const distance = Math.hypot(there[0] - x, there[1] - y)
      if (distance < least) [found, least] = [{ kind: 'flaw', id: at, at: there }, distance]
    })
    if (found) return found
    const near = this.shapes.filter((shape) => touches(shape, x, y, reach))
    const smallest = near.reduce((best, shape) => (best && sizeOf(best) <= sizeOf(shape) ? best : shape), undefined)
    return smallest && { kind: 'outline', id: smallest.row, at: [x, y] }
  }
}

const look = (colour, palette, alpha, width) => ({
  fill: new Fill({ color: fade(colour, alpha) }),
  stroke: new Stroke({ color: colour, width }),
})

/** A disc with a rim; the wrong and the chosen are larger, so that colour is not alone. */
function pointStyle(palette, name) {
  const colour = name === 'wrong' ? palette.sev2 : palette.accent
  const radius = POINT_PX + (name === 'plain' ? 0 : 2)
  return new Style({
    zIndex: name === 'plain' ? 0 : 1,
    renderer: ([x, y], { context, pixelRatio }) => {
      context.beginPath()
      context.arc(x, y, radius * pixelRatio, 0, 2 * Math.PI)
      context.fillStyle = colour
      context.fill()
      context.strokeStyle = palette.mapHalo
      context.lineWidth = 1.5 * pixelRatio
      context.stroke()
    },
  })
}

/** An orange square: a cross for what must change, a dash for what is only to be looked at. */
function flawPicture(palette, grave, chosen) {
  const side = palette.symbolPx * (chosen ? 1.25 : 0.95)
  return picture(side + 10, side + 10, palette.pixelRatio, (context) => {
    context.translate(5, 5)
    const k = side / 18
    context.scale(k, k)
    context.beginPath()
    context.roundRect(0, 0, 18, 18, 3)
    for (const [colour, width] of chosen ? [[palette.focus, 6], [palette.mapHalo, 3]] : [[palette.mapHalo, 4]]) {
      context.strokeStyle = colour
      context.lineWidth = width
      context.stroke()
    }
    context.fillStyle = grave ? palette.sev2 : palette.bgPanel
    context.fill()
    context.strokeStyle = palette.sev2
    context.lineWidth = 1.5
    context.stroke()
    context.beginPath()
    for (const [x0, y0, x1, y1] of grave ? [[5, 5, 13, 13], [13, 5, 5, 13]] : [[5, 9, 13, 9]]) {
      context.moveTo(x0, y0)
      context.lineTo(x1, y1)
    }
    context.strokeStyle = grave ? palette.sevInk : palette.sev2
    context.lineWidth = 2.2
    context.stroke()
  })
}

/** @returns {{kind: 'point'|'line'|'polygon', rings: number[][]}[]}  flat coordinates, EPSG:3857 */
function partsOf({ type, coordinates, geometries }) {
  const flat = (ring) => ring.flatMap(([lon, lat]) => project(lon, lat))
  const part = (kind, rings) => ({ kind, rings: rings.map(flat) })
  if (type === 'Point') return [part('point', [[coordinates]])]
  if (type === 'LineString') return [part('line', [coordinates])]
  if (type === 'Polygon') return [part('polygon', coordinates)]
  if (type === 'GeometryCollection') return geometries.flatMap(partsOf)
  return coordinates.flatMap((one) => partsOf({ type: type.replace('Multi', ''), coordinates: one }))
}

function featureOf({ row, kind, rings }) {
  return new Feature({ row, kind, geometry: kind === 'point' ? new Point(rings[0]) : new Polygon(rings.map((ring) => pairs(thereAndBack(kind, ring)))) })
}

/** A line is drawn as a ring without area, there and back: its stroke is the line, and there is nothing to fill. */
function thereAndBack(kind, ring) {
  if (kind !== 'line') return ring
  const back = []
  for (let at = ring.length - 2; at >= 0; at -= 2) back.push(ring[at], ring[at + 1])
  return [...ring, ...back]
}

const pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]])

function touches({ kind, rings }, x, y, reach) {
  if (kind === 'polygon') return rings.filter((ring) => holds(ring, x, y)).length % 2 === 1
  const [ring] = rings
  if (kind === 'point') return Math.hypot(ring[0] - x, ring[1] - y) < reach
  for (let at = 0; at + 3 < ring.length; at += 2) {
    if (distanceTo(ring.slice(at, at + 4), x, y) < reach) return true
  }
  return false
}

function distanceTo([x0, y0, x1, y1], x, y) {
  const [dx, dy] = [x1 - x0, y1 - y0]
  const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)))
  return Math.hypot(x0 + along * dx - x, y0 + along * dy - y)
}

/** Points before lines before polygons, and of these the one with less area first. */
function sizeOf({ kind, rings }) {
  if (kind !== 'polygon') return kind === 'point' ? -2 : -1
  const [ring] = rings
  let twice = 0
  for (let at = 0; at + 3 < ring.length; at += 2) twice += ring[at] * ring[at + 3] - ring[at + 2] * ring[at + 1]
  return Math.abs(twice)
}

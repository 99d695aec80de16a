// The selected thing: its accent, error circle, candidates and tags. One at a time.

import { Circle, Feature, Fill, Point, Stroke, Style, VectorLayer, VectorSource } from '../../vendor/ol.js'
import { picture, textWidth } from './canvas.js'
import { highlight } from './highlight.js'
import { fade } from './palette.js'
import { project } from './scale.js'
import { incidentPicture } from './symbols.js'

/**
 * @typedef {{grid: number, tag?: string, share?: number}} Candidate  share 0..1, likeliest first
 * @typedef {{kind: 'grid', id: number, tag?: string}
 *   | {kind: 'incident', id: string, lon: number, lat: number, severity: number, state: string, overdue?: boolean,
 *      errorM?: number, tag?: string, candidates?: Candidate[]}
 *   | {kind: 'device', id: string|number, lon: number, lat: number, tag?: string}
 *   | {kind: 'place', lon: number, lat: number, errorM?: number, tag?: string}} Selected
 */

export class SelectionMarks {
  /**
   * @param {{stretch: number, gridCentre: (id: number) => number[]|undefined, gridPieces: (id: number) => object[]}} options
   *   `gridCentre`: EPSG:3857; `gridPieces`: what the tiles in view hold of a grid
   */
  constructor({ stretch, gridCentre, gridPieces }) {
    this.stretch = stretch
    this.gridCentre = gridCentre
    this.gridPieces = gridPieces
    this.selected = null
    this.source = new VectorSource()
    this.layer = new VectorLayer({ source: this.source, renderBuffer: 20 })
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    this.palette = palette
  }

  /** Draw what lies on the ground, anew as tiles come in: grids, and how sure the place is. */
  place() {
    this.source.clear(true)
    const looks = gridLooks(this.palette)
    const grids = [...gridRoles(this.selected)].map(([id, role]) => highlight(this.gridPieces(id), looks[role]))
    this.source.addFeatures(grids.filter(Boolean))
    if (this.selected?.errorM) this.source.addFeature(this.errorCircle(this.selected))
  }

  /** The stated 95 %, and never smaller than the symbol it surrounds. */
  errorCircle({ lon, lat, errorM }) {
    const { accent, symbolPx } = this.palette
    const at = project(lon, lat)
    const feature = new Feature(new Point(at))
    feature.setStyle((_, resolution) => new Style({
      geometry: new Circle(at, Math.max(errorM * this.stretch, symbolPx * 1.3 * resolution)),
      fill: new Fill({ color: fade(accent, 0.16) }),
      stroke: new Stroke({ color: accent, width: 2, lineDash: [6, 4] }),
    }))
    return feature
  }

  /** @returns {import('./marks.js').Mark[]}  the symbol and the tags, likeliest first */
  marks() {
    if (this.selected === null) return []
    const { kind, id, lon, lat, tag, candidates = [] } = this.selected
    if (kind === 'grid') return this.gridTags([{ grid: id, tag }])
    const [x, y] = project(lon, lat)
    const tags = tag ? [{ x, y, lift: this.palette.symbolPx * 1.6, solid: true, canvas: plate(this.palette, tag, true) }] : []
    return [...tags, ...this.gridTags(candidates), { x, y, solid: true, ...this.symbol() }]
  }

  gridTags(grids) {
    return grids.flatMap(({ grid, tag }, at) => {
      const centre = tag && this.gridCentre(grid)
      return centre ? [{ x: centre[0], y: centre[1], solid: true, canvas: plate(this.palette, tag, at === 0) }] : []
    })
  }

  symbol() {
    const { palette, selected } = this
    if (selected.kind === 'incident') return { canvas: markedIncident(palette, selected) }
    if (selected.kind === 'place') return { canvas: pin(palette), lift: palette.symbolPx * 0.75 }
    return { canvas: ring(palette) }
  }
}

function gridLooks({ accent }) {
  const look = (alpha, width, dash) => ({ colour: accent, fill: fade(accent, alpha), width, dash })
  return { selected: look(0.12, 3, []), likeliest: look(0.2, 3, []), possible: look(0.06, 2, [7, 5]) }
}

/** Grid id -> how it is shown: 'selected', 'likeliest' or 'possible'. */
function gridRoles(selected) {
  if (selected?.kind === 'grid') return new Map([[selected.id, 'selected']])
  return new Map((selected?.candidates ?? []).map(({ grid }, at) => [grid, at === 0 ? 'likeliest' : 'possible']))
}

function markedIncident(palette, incident) {
  const size = palette.symbolPx * 1.2
  const inner = incidentPicture(palette, { ...incident, overdue: Boolean(incident.overdue) }, size)
  const side = Math.max(size * 2.1, inner.width / palette.pixelRatio + 6)
  return picture(side, side, palette.pixelRatio, (context) => {
    ringAround(context, palette, side / 2, side / 2 - 2)
    const [width, height] = [inner.width / palette.pixelRatio, inner.height / palette.pixelRatio]
    context.drawImage(inner, (side - width) / 2, (side - height) / 2, width, height)
  })
}

function ring(palette) {
  const side = palette.symbolPx * 1.9
  return picture(side, side, palette.pixelRatio, (context) => ringAround(context, palette, side / 2, side / 2 - 2))
}

function ringAround(context, palette, centre, radius) {
  for (const [colour, width] of [[palette.mapHalo, 4], [palette.accent, 2]]) {
    context.beginPath()
    context.arc(centre, centre, radius, 0, 2 * Math.PI)
    context.strokeStyle = colour
    context.lineWidth = width
    context.stroke()
  }
}

/** The pin is for a place that is being chosen, never for an incident. */
function pin(palette) {
  const k = palette.symbolPx / 18
  return picture(24 * k, 30 * k, palette.pixelRatio, (context) => {
    context.scale(k, k)
    context.beginPath()
    context.arc(12, 11, 8, 0.83 * Math.PI, 0.17 * Math.PI)
    context.lineTo(12, 28)
    context.closePath()
    context.lineJoin = 'round'
    context.strokeStyle = palette.mapHalo
    context.lineWidth = 4
    context.stroke()
    context.fillStyle = palette.accent
    context.fill()
    context.beginPath()
    context.arc(12, 11, 3, 0, 2 * Math.PI)
    context.fillStyle = palette.accentInk
    context.fill()
  })
}

function plate(palette, text, strong) {
  const font = `600 ${palette.fontPx}px ${palette.fontUi}`
  const [width, height] = [textWidth(font, text) + 18, palette.fontPx * 1.7]
  return picture(width + 2, height + 2, palette.pixelRatio, (context) => {
    context.beginPath()
    context.roundRect(1, 1, width, height, 4)
    context.fillStyle = strong ? palette.accent : palette.bgApp
    context.fill()
    context.strokeStyle = palette.accent
    context.stroke()
    context.font = font
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.fillStyle = strong ? palette.accentInk : palette.text1
    context.fillText(text, width / 2 + 1, height / 2 + 1.5)
  })
}

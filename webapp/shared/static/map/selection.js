// The selected thing: its accent, error circle, candidates and tags. One at a time.

import { Circle, Feature, Fill, Point, Stroke, Style, VectorLayer, VectorSource } from '../../vendor/ol.js'
import { icon, picture, textWidth } from './canvas.js'
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

export class SelectionLayers {
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
    this.grids = new VectorSource()
    this.gridLayer = new VectorLayer({ source: this.grids, renderBuffer: 20 })
    this.layer = new VectorLayer({ source: this.source, declutter: 'labels', renderBuffer: 200 })
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    this.palette = palette
    this.show(this.selected)
  }

  /** @param {Selected|null} selected */
  show(selected) {
    this.selected = selected
    this.place()
  }

  /** Put everything where it belongs; grids are made whole as tiles come in. */
  place() {
    this.source.clear(true)
    this.grids.clear(true)
    if (this.selected === null) return
    const { kind, lon, lat, errorM } = this.selected
    const features = []
    if (kind !== 'grid') {
      const at = project(lon, lat)
      if (errorM) features.push(this.errorCircle(at, errorM))
      features.push(styled(new Point(at), this.symbolStyle()))
      if (this.selected.tag) features.push(this.tag(at, this.selected.tag, true, this.palette.symbolPx * 1.6))
    }
    features.push(...this.gridTags())
    this.source.addFeatures(features)
    const looks = gridLooks(this.palette)
    const grids = [...gridRoles(this.selected)].map(([id, role]) => highlight(this.gridPieces(id), looks[role]))
    this.grids.addFeatures(grids.filter(Boolean))
  }

  gridTags() {
    const { kind, id, tag, candidates = [] } = this.selected
    const wanted = kind === 'grid' ? [{ grid: id, tag }] : candidates
    return wanted.flatMap(({ grid, tag: text }, at) => {
      const centre = text && this.gridCentre(grid)
      return centre ? [this.tag(centre, text, at === 0, 0)] : []
    })
  }

  /** The stated 95 %, and never smaller than the symbol it surrounds. */
  errorCircle(at, errorM) {
    const { accent, symbolPx } = this.palette
    const style = (resolution) => {
      const radius = Math.max(errorM * this.stretch, symbolPx * 0.9 * resolution)
      return new Style({
        geometry: new Circle(at, radius),
        fill: new Fill({ color: fade(accent, 0.16) }),
        stroke: new Stroke({ color: accent, width: 2, lineDash: [6, 4] }),
        zIndex: 1,
      })
    }
    return styled(new Point(at), (_, resolution) => style(resolution))
  }

  symbolStyle() {
    const { palette, selected } = this
    const image = selected.kind === 'incident' ? markedIncident(palette, selected) : selected.kind === 'place' ? pin(palette) : ring(palette)
    const lift = selected.kind === 'place' ? palette.symbolPx * 0.75 : 0
    return new Style({ image: icon(image, palette.pixelRatio, 'obstacle', [0, lift]), zIndex: 200 })
  }

  tag(at, text, strong, lift) {
    const image = plate(this.palette, text, strong)
    return styled(new Point(at), new Style({ image: icon(image, this.palette.pixelRatio, 'obstacle', [0, lift]), zIndex: 190 }))
  }
}

function styled(geometry, style) {
  const feature = new Feature(geometry)
  feature.setStyle(style)
  return feature
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
    context.drawImage(inner, side / 2 - inner.width / 2 / palette.pixelRatio, side / 2 - inner.height / 2 / palette.pixelRatio, inner.width / palette.pixelRatio, inner.height / palette.pixelRatio)
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

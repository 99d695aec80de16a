// Where somebody with a phone stands: the borders of the own grids, the position with its accuracy, and the pin of a place
// that is being chosen. All of it is drawn from what the phone knows by itself, so it is there without network.

import { Circle, Feature, Fill, Point, Polygon, Stroke, Style, VectorLayer, VectorSource } from '../../vendor/ol.js'
import { picture } from './canvas.js'
import { label } from './labels.js'
import { NUMBER_FROM } from './name-style.js'
import { fade } from './palette.js'
import { project, zoomOf } from './scale.js'
import { holds } from './sight.js'

const BORDER_PX = 3
const DOT_PX = 8
const HALO_PX = 3
const PIN_PX = [34, 46]
/** A name wants so much of its own width around it, and is not squeezed into a corner. */
const ROOM = 1.3
/** A finger may land so far beside the pin, CSS pixels. */
const REACH_PX = 26

/**
 * @typedef {{lon: number, lat: number}} Spot  degrees, WGS 84
 * @typedef {object} Standpoint
 * @property {{geometry: {type: string, coordinates: any}}[]} [own]  GeoJSON of the own grids
 * @property {{name: string, geometry: {type: string, coordinates: any}}[]} [neighbours]  the grids around, with a thin line and their name
 * @property {(Spot & {errorM: number})|null} [position]  the phone's own, with the radius that holds 95 %
 * @property {Spot|null} [pin]
 */

export class StandpointMarks {
  /** @param {number} stretch  EPSG:3857 metres to a metre on the ground */
  constructor(stretch) {
    this.stretch = stretch
    this.said = { own: [], neighbours: [], position: null, pin: null }
    this.named = []
    this.ground = new VectorSource()
    this.source = new VectorSource()
    // Under the symbols, for these say what is to be done; the pin alone lies over all.
    this.groundLayer = new VectorLayer({ source: this.ground, renderBuffer: 20, updateWhileInteracting: true, updateWhileAnimating: true })
    // Never left out while a finger moves the map: the pin is what it looks at.
    this.layer = new VectorLayer({ source: this.source, renderBuffer: 64, updateWhileInteracting: true, updateWhileAnimating: true })
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    this.palette = palette
    this.pinPicture = pinPicture(palette)
    const size = palette.fontPx
    const face = { font: `400 {size} ${palette.fontUi}`, size, colour: palette.mapLabel, halo: palette.mapHalo, haloPx: 1.8 }
    this.nameOf = (name) => label(name, face, palette)
    this.draw()
  }

  /** @param {Standpoint} changes  what is not named stays */
  set(changes) {
    this.said = { ...this.said, ...changes }
    if (changes.neighbours) this.named = changes.neighbours.flatMap(outlinesOf)
    this.draw()
  }

  draw() {
    const { own, neighbours, position, pin } = this.said
    this.ground.clear(true)
    this.source.clear(true)
    if (!this.palette) return
    const { accent, gridLine } = this.palette
    const lines = (grids, colour, width) => grids.flatMap(({ geometry }) => polygonsOf(geometry)).map((polygon) => border(polygon, colour, width))
    const borders = [...lines(neighbours, gridLine, 1), ...lines(own, accent, BORDER_PX)]
    const dots = position ? [this.accuracy(position), this.dot(position)] : []
    this.ground.addFeatures([...borders, ...dots])
    if (pin) this.source.addFeature(this.pin(pin, position))
  }

  /**
   * Names of the grids around, each in the middle of what is seen of it.
   * @param {number[]} seen  EPSG:3857, what is on the screen and nothing beyond
   * @param {number} resolution
   * @returns {import('./marks.js').Mark[]}
   */
  marks(seen, resolution) {
    if (zoomOf(resolution) < NUMBER_FROM) return []
    return this.named.flatMap(({ name, box, rings }) => {
      const [west, south, east, north] = [0, 1, 2, 3].map((side) => Math[side < 2 ? 'max' : 'min'](box[side], seen[side]))
      const canvas = this.nameOf(name)
      const [width, height] = [canvas.width, canvas.height].map((pixels) => (pixels / this.palette.pixelRatio) * ROOM * resolution)
      const [x, y] = [(west + east) / 2, (south + north) / 2]
      const inside = rings.filter((ring) => holds(ring, x, y)).length % 2 === 1
      return inside && east - west > width && north - south > height ? [{ x, y, canvas }] : []
    })
  }

  accuracy({ lon, lat, errorM }) {
    const { accent } = this.palette
    const at = project(lon, lat)
    const feature = new Feature(new Point(at))
    feature.setStyle((_, resolution) => new Style({
      geometry: new Circle(at, Math.max(errorM * this.stretch, (DOT_PX + HALO_PX) * resolution)),
      fill: new Fill({ color: fade(accent, 0.14) }),
      stroke: new Stroke({ color: fade(accent, 0.7), width: 1.5 }),
    }))
    return feature
  }

  dot({ lon, lat }) {
    const { accent, mapHalo } = this.palette
    const feature = new Feature(new Point(project(lon, lat)))
    feature.setStyle(new Style({
      zIndex: 1,
      renderer: ([x, y], { context, pixelRatio }) => {
        disc(context, x, y, (DOT_PX + HALO_PX) * pixelRatio, mapHalo)
        disc(context, x, y, DOT_PX * pixelRatio, accent)
      },
    }))
    return feature
  }

  /** The pin, and a dashed line to where its setter stands. */
  pin(spot, position) {
    const { accent } = this.palette
    const at = project(spot.lon, spot.lat)
    const from = position && project(position.lon, position.lat)
    const feature = new Feature(new Point(at))
    feature.setStyle(new Style({
      zIndex: 2,
      renderer: ([x, y], { context, pixelRatio, resolution }) => {
        if (from) {
          const scale = pixelRatio / resolution
          context.save()
          context.beginPath()
          context.setLineDash([5 * pixelRatio, 4 * pixelRatio])
          context.moveTo(x + (from[0] - at[0]) * scale, y - (from[1] - at[1]) * scale)
          context.lineTo(x, y)
          context.strokeStyle = accent
          context.lineWidth = 2 * pixelRatio
          context.stroke()
          context.restore()
        }
        const { width, height } = this.pinPicture
        context.drawImage(this.pinPicture, Math.round(x - width / 2), Math.round(y - height))
      },
    }))
    return feature
  }
}

/**
 * Let a finger take the pin and put it down elsewhere.
 * @param {HTMLElement} element  the map's
 * @param {{ pinAt: () => number[]|null, onMove: (pixel: number[], done: boolean) => void }} hand
 *   `pinAt`: CSS pixels of its foot, null when there is none
 * @returns {() => void} stop
 */
export function dragPin(element, { pinAt, onMove }) {
  let grip = null
  const at = ({ clientX, clientY }) => {
    const { left, top } = element.getBoundingClientRect()
    return [clientX - left, clientY - top]
  }
  const down = (event) => {
    const foot = pinAt()
    const [x, y] = at(event)
    if (!foot || !event.isPrimary || Math.abs(x - foot[0]) > REACH_PX || y < foot[1] - PIN_PX[1] - 8 || y > foot[1] + REACH_PX / 2) return
    // Before the map hears of it: else it would move as well.
    event.stopPropagation()
    event.preventDefault()
    element.setPointerCapture(event.pointerId)
    grip = [x - foot[0], y - foot[1]]
  }
  const move = (event, done) => {
    if (!grip) return
    event.stopPropagation()
    const [x, y] = at(event)
    onMove([x - grip[0], y - grip[1]], done)
    if (done) grip = null
  }
  const hear = { pointerdown: down, pointermove: (event) => move(event, false), pointerup: (event) => move(event, true), pointercancel: () => { grip = null } }
  for (const [name, listener] of Object.entries(hear)) element.addEventListener(name, listener, { capture: true })
  return () => {
    for (const [name, listener] of Object.entries(hear)) element.removeEventListener(name, listener, { capture: true })
  }
}

function border(polygon, colour, width) {
  const feature = new Feature(polygon)
  feature.setStyle(new Style({ stroke: new Stroke({ color: colour, width, lineJoin: 'round' }) }))
  return feature
}

const partsOf = ({ type, coordinates }) => (type === 'Polygon' ? [coordinates] : coordinates)

/** The name, the box and the flat rings of each part of a grid, EPSG:3857. */
const outlinesOf = ({ name, geometry }) =>
  partsOf(geometry).map((part) => {
    const rings = part.map((ring) => ring.flatMap(([lon, lat]) => project(lon, lat)))
    const [xs, ys] = [0, 1].map((axis) => rings[0].filter((_, at) => at % 2 === axis))
    return { name, rings, box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] }
  })

function polygonsOf(geometry) {
  return partsOf(geometry).map((rings) => new Polygon(rings.map((ring) => ring.map(([lon, lat]) => project(lon, lat)))))
}

function disc(context, x, y, radius, colour) {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fillStyle = colour
  context.fill()
}

/** The foot of the pin is the middle of the picture's lower edge. */
function pinPicture({ accent, accentInk, mapHalo, pixelRatio }) {
  const [width, height] = PIN_PX
  return picture(width, height, pixelRatio, (context) => {
    context.beginPath()
    context.arc(width / 2, width / 2, width / 2 - 3, 0.83 * Math.PI, 0.17 * Math.PI)
    context.lineTo(width / 2, height - 2)
    context.closePath()
    context.lineJoin = 'round'
    context.strokeStyle = mapHalo
    context.lineWidth = 4
    context.stroke()
    context.fillStyle = accent
    context.fill()
    disc(context, width / 2, width / 2, 5.5, accentInk)
  })
}

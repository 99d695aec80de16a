// Cameras and drone docks: the body turned to its heading, and near by the cone it sees.

import { Feature, Fill, Polygon, Stroke, Style, VectorLayer, VectorSource } from '../../vendor/ol.js'
import { hatch, keepsake, picture } from './canvas.js'
import { thingOf } from './hits.js'
import { fade } from './palette.js'
import { zoomOf } from './scale.js'
import { boxOf, lookAround, ringsOf } from './sight.js'
import { SharpTileLayer } from './tiles.js'

/** First zoom at which a kind is drawn; an estate has dozens of smoke detectors, and they matter from close by. */
const BODY_FROM = { camera: 15.4, drone_dock: 13.5, gateway: 17.5, other: 16.6 }
const CONE_FROM = 15.5
/** Before this zoom bodies are drawn smaller, or an estate's cameras would run together. */
const FULL_SIZE_FROM = 16.6

export class DeviceMarks {
  /**
   * @param {import('../../vendor/ol.js').VectorTileSource} tiles
   * @param {{stretch: number, buildings: (extent: number[]) => object[]}} options
   */
  constructor(tiles, { stretch, buildings }) {
    this.stretch = stretch
    this.buildings = buildings
    this.cones = new VectorSource()
    this.houses = new WeakMap()
    this.layer = new SharpTileLayer({ source: tiles, renderMode: 'vector', style: null, minZoom: BODY_FROM.drone_dock })
    this.coneLayer = new VectorLayer({ source: this.cones, renderBuffer: 200, minZoom: CONE_FROM })
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    this.palette = palette
    this.pictures = keepsake(300)
    const dark = palette.dark ? palette.text1 : palette.text2
    const outline = (alpha) => new Stroke({ color: fade(dark, alpha), width: 0.8 })
    const hidden = new Fill({ color: hatch(fade(dark, 0.45), 0.8, { pixelRatio: palette.pixelRatio }) })
    const near = {
      cone: new Style({ stroke: outline(0.6), zIndex: 2 }),
      seen: new Style({ fill: new Fill({ color: fade(dark, 0.2) }) }),
      hidden: new Style({ fill: hidden, stroke: outline(0.4), zIndex: 1 }),
    }
    // An estate's cones lie over each other: from farther off only what is seen, lightly.
    const far = { seen: new Style({ fill: new Fill({ color: fade(dark, 0.12) }), stroke: outline(0.25) }) }
    this.coneLayer.setStyle((feature, resolution) => (zoomOf(resolution) < FULL_SIZE_FROM ? far : near)[feature.get('part')])
  }

  /** Devices in view that this zoom shows, as hits. */
  things(extent, resolution) {
    const zoom = zoomOf(resolution)
    if (!this.layer.getVisible() || zoom < BODY_FROM.drone_dock) return []
    return this.layer.featuresOf('devices', extent)
      .filter((feature) => zoom >= (BODY_FROM[feature.get('kind')] ?? BODY_FROM.other))
      .map(thingOf)
  }

  /** @returns {import('./marks.js').Mark[]} */
  marks(extent, resolution) {
    const size = this.palette.symbolPx * (zoomOf(resolution) < FULL_SIZE_FROM ? 0.45 : 0.85)
    return this.things(extent, resolution).map(({ at: [x, y], properties: { kind, heading = 0, silent } }) => {
      // 10 degrees a step: the eye sees no finer, and the pictures stay few.
      const body = { kind, heading: Math.round(heading / 10) * 10, silent: Boolean(silent), size }
      const canvas = this.pictures(Object.values(body).join('|'), () => drawBody(this.palette, body))
      return { x, y, canvas, solid: true }
    })
  }

  /** Draw the cones of the devices in view; houses must be loaded, so this runs when the map has come to rest. */
  look(extent, resolution) {
    this.cones.clear(true)
    if (zoomOf(resolution) < CONE_FROM) return
    const houses = this.buildings(extent).flatMap((feature) => this.housesOf(feature))
    const seen = new Set()
    const features = []
    for (const { at, properties } of this.things(extent, resolution)) {
      const place = at.join()
      if (seen.has(place) || properties.kind !== 'camera' || !properties.range || properties.silent) continue
      seen.add(place)
      features.push(...this.coneOf(at, properties, houses))
    }
    this.cones.addFeatures(features)
  }

  /** A tile puts all its houses into one feature; they are taken apart once. */
  housesOf(feature) {
    let houses = this.houses.get(feature)
    if (houses === undefined) {
      houses = ringsOf(feature).map((ring) => ({ ring, box: boxOf(ring) }))
      this.houses.set(feature, houses)
    }
    return houses
  }

  coneOf([x, y], { heading = 0, fov = 60, range: rangeM }, houses) {
    const range = rangeM * this.stretch
    const eye = { x, y, headingDeg: heading, fovDeg: fov, range }
    const near = houses.filter(({ box: [west, south, east, north] }) =>
      west < x + range && east > x - range && south < y + range && north > y - range)
    const { cone, seen, hidden } = lookAround(eye, near.map(({ ring }) => ring))
    const part = (ring, name) => new Feature({ geometry: new Polygon([ring]), part: name })
    return [part(seen, 'seen'), ...hidden.map((ring) => part(ring, 'hidden')), part(cone, 'cone')]
  }
}

function drawBody(palette, { kind, heading, silent, size }) {
  const side = size * 1.3
  return picture(side, side, palette.pixelRatio, (context) => {
    context.translate(side / 2, side / 2)
    context.scale(size / 18, size / 18)
    if (kind === 'camera') context.rotate((heading * Math.PI) / 180)
    context.lineJoin = 'round'
    traceBody(context, kind)
    context.strokeStyle = palette.mapHalo
    context.lineWidth = 4
    context.stroke()
    context.fillStyle = context.strokeStyle = palette.text1
    context.lineWidth = 1.2
    if (silent) context.setLineDash([2, 1.5])
    else context.fill()
    context.stroke()
  })
}

/** A camera seen from above, looking up the page; a dock is a pad with four arms; what only senses is a small ring. */
function traceBody(context, kind) {
  context.beginPath()
  if (kind === 'camera') {
    context.rect(-3, -2.5, 6, 7.5)
    context.moveTo(-3.2, -6)
    context.lineTo(3.2, -6)
    context.lineTo(1.6, -2.5)
    context.lineTo(-1.6, -2.5)
    context.closePath()
    return
  }
  if (kind !== 'drone_dock') {
    context.arc(0, 0, 2.6, 0, 2 * Math.PI)
    return
  }
  context.rect(-2.2, -2.2, 4.4, 4.4)
  for (const [x, y] of [[-4.6, -4.6], [4.6, -4.6], [4.6, 4.6], [-4.6, 4.6]]) {
    context.moveTo(x + 1.7, y)
    context.arc(x, y, 1.7, 0, 2 * Math.PI)
  }
}

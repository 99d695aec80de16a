// The district itself, from below: land, base map and grids; and the names on them.

import { baseStyle } from './base-style.js'
import { gridStyle } from './grid-style.js'
import { uncut } from './highlight.js'
import { frameOf, tracePath } from './marks.js'
import { areaNames, gridNames, streetNames } from './name-style.js'
import { ringsOf } from './sight.js'
import { SharpTileLayer } from './tiles.js'

/** Beyond the tile's rim by so many pixels, lines and labels are drawn too. */
const RENDER_BUFFER = 64
const REPAINT_MS = 1000

export class GroundLayers {
  /**
   * @param {Record<'basemap'|'grids'|'areas', import('../../vendor/ol.js').VectorTileSource>} sources
   * @param {{stretch: number, language: string, onRepaint: () => void}} options  `onRepaint`: counts have changed
   */
  constructor({ basemap, grids, areas }, { stretch, language, onRepaint }) {
    this.stretch = stretch
    this.language = language
    this.onRepaint = onRepaint
    this.colouring = 'kind'
    this.gridsShown = true
    this.load = new Map()
    this.borders = new WeakMap()
    const tiles = { renderMode: 'hybrid', renderBuffer: RENDER_BUFFER }
    // Only fetches: the land is one polygon, and filling it costs less than one more layer of pictures.
    this.land = new SharpTileLayer({ source: areas, renderMode: 'vector', style: null })
    this.land.on('postrender', ({ context, frameState }) => this.fillLand(context, frameState))
    this.base = new SharpTileLayer({ ...tiles, source: basemap })
    this.grids = new SharpTileLayer({ ...tiles, source: grids })
    this.grids.on('postrender', ({ context, frameState }) => this.strokeDistrict(context, frameState))
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    this.palette = palette
    this.base.setStyle(baseStyle(palette, this.stretch))
    this.streetNames = streetNames(palette, this.language)
    this.areaNames = areaNames(palette, this.language)
    this.paintGrids()
  }

  /** Pieces of one shape, filled at once: where they overlap at the rim of a tile there is no seam. */
  fillLand(context, frameState) {
    tracePath(context, this.districts(frameState).flatMap(ringsOf), frameOf(frameState))
    context.fillStyle = this.palette.mapLand
    context.fill()
    context.restore()
  }

  strokeDistrict(context, frameState) {
    const frame = frameOf(frameState)
    const thick = (this.palette.wall ? 1.5 : 1) * frame.pixelRatio
    tracePath(context, this.districts(frameState).flatMap((piece) => this.borderOf(piece)), frame)
    context.lineJoin = 'round'
    for (const [colour, width] of [[this.palette.mapHalo, 4.5], [this.palette.townshipLine, 2]]) {
      context.strokeStyle = colour
      context.lineWidth = width * thick
      context.stroke()
    }
    context.restore()
  }

  districts({ extent }) {
    return this.land.featuresOf('areas', extent).filter((area) => area.get('kind') === 'district')
  }

  /** The border of a piece, without what the cutting made; worked out once a tile. */
  borderOf(piece) {
    if (!this.borders.has(piece)) this.borders.set(piece, ringsOf(piece).flatMap((ring) => uncut(ring, piece.get('rim'))))
    return this.borders.get(piece)
  }

  /** @param {import('./grid-style.js').Colouring} colouring */
  colour(colouring) {
    this.colouring = colouring
    this.paintGrids()
  }

  /** @param {Map<number, {open?: number, overdue?: number, rounds?: number}>} load  counts that are newer than the tile's */
  count(load) {
    const differs = load.size !== this.load.size || [...load].some(([id, counts]) => !sameCounts(counts, this.load.get(id)))
    this.load = load
    if (differs && this.colouring !== 'kind') this.repaintSoon()
  }

  /** New counts come in bursts, and all tiles are drawn anew for them: at most once a second. */
  repaintSoon() {
    this.repainting ??= setTimeout(() => {
      this.repainting = undefined
      this.grids.changed()
      this.onRepaint()
    }, REPAINT_MS)
  }

  paintGrids() {
    const countsOf = (feature) => this.countsOf(feature)
    this.grids.setStyle(gridStyle(this.palette, this.colouring, countsOf))
    this.gridNames = gridNames(this.palette, this.colouring, countsOf, this.language)
  }

  /** Names in view, the firmest first. */
  marks(extent, resolution) {
    return [
      this.areaNames(this.land.featuresOf('area_labels', extent), resolution),
      this.gridsShown ? this.gridNames(this.grids.featuresOf('grid_labels', extent), resolution) : [],
      this.streetNames(this.base.featuresOf('name', extent), resolution),
    ]
  }

  countsOf(feature) {
    const live = this.load.get(feature.getId())
    const said = (name) => live?.[name] ?? feature.get(name)
    return { open: said('open') ?? 0, overdue: said('overdue') ?? 0, rounds: said('rounds') }
  }
}

const sameCounts = (one, other) => ['open', 'overdue', 'rounds'].every((name) => one[name] === other?.[name])

// The district itself, from below: land, base map, grids, and the names on them.

import { Fill, Style } from '../../vendor/ol.js'
import { baseStyle } from './base-style.js'
import { gridStyle } from './grid-style.js'
import { NUMBER_FROM, areaNames, gridNames, streetNames } from './name-style.js'
import { SharpTileLayer } from './tiles.js'

/** Beyond the tile's rim by so many pixels, lines and labels are drawn too. */
const RENDER_BUFFER = 64
const REPAINT_MS = 1000

export class GroundLayers {
  /**
   * @param {Record<'basemap'|'grids'|'areas', import('../../vendor/ol.js').VectorTileSource>} sources
   * @param {{stretch: number, language: string}} options
   */
  constructor({ basemap, grids, areas }, { stretch, language }) {
    this.stretch = stretch
    this.language = language
    this.colouring = 'kind'
    this.load = new Map()
    const tiles = { renderMode: 'hybrid', renderBuffer: RENDER_BUFFER }
    this.land = new SharpTileLayer({ ...tiles, source: areas })
    this.base = new SharpTileLayer({ ...tiles, source: basemap })
    this.grids = new SharpTileLayer({ ...tiles, source: grids })
    // Names are layers of their own: what a layer writes lies below the pictures of the layers above it.
    const names = { renderMode: 'vector', renderBuffer: RENDER_BUFFER, declutter: 'labels' }
    this.streetNames = new SharpTileLayer({ ...names, source: basemap })
    this.gridNames = new SharpTileLayer({ ...names, source: grids, minZoom: NUMBER_FROM })
    this.areaNames = new SharpTileLayer({ ...names, source: areas })
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    this.palette = palette
    const land = new Style({ fill: new Fill({ color: palette.mapLand }) })
    this.land.setStyle((feature) => (feature.get('kind') === 'district' && feature.get('of') === 'areas' ? land : undefined))
    this.base.setStyle(baseStyle(palette, this.stretch))
    this.streetNames.setStyle(only('name', streetNames(palette, this.language)))
    this.areaNames.setStyle(only('area_labels', areaNames(palette, this.language)))
    this.paintGrids()
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
      this.gridNames.changed()
    }, REPAINT_MS)
  }

  paintGrids() {
    const countsOf = (feature) => this.countsOf(feature)
    this.grids.setStyle(gridStyle(this.palette, this.colouring, countsOf))
    this.gridNames.setStyle(only('grid_labels', gridNames(this.palette, this.colouring, countsOf, this.stretch)))
  }

  countsOf(feature) {
    const live = this.load.get(feature.getId())
    const said = (name) => live?.[name] ?? feature.get(name)
    return { open: said('open') ?? 0, overdue: said('overdue') ?? 0, rounds: said('rounds') }
  }
}

/** A style for the features of one layer of the tile. */
const only = (of, style) => (feature, resolution) => (feature.get('of') === of ? style(feature, resolution) : undefined)

const sameCounts = (one, other) => ['open', 'overdue', 'rounds'].every((name) => one[name] === other?.[name])

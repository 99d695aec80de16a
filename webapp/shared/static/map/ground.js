// The district itself, from below: land, base map, grids, and the names on them.

import { Fill, Style } from '../../vendor/ol.js'
import { baseStyle } from './base-style.js'
import { gridStyle } from './grid-style.js'
import { areaNames, gridNames, streetNames } from './name-style.js'
import { SharpTileLayer } from './tiles.js'

/** Beyond the tile's rim by so many pixels, lines and labels are drawn too. */
const RENDER_BUFFER = 64

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
    this.base = new SharpTileLayer({ ...tiles, source: basemap, declutter: 'labels' })
    this.grids = new SharpTileLayer({ ...tiles, source: grids, declutter: 'labels' })
    this.names = new SharpTileLayer({ source: areas, renderMode: 'vector', renderBuffer: RENDER_BUFFER, declutter: 'labels' })
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    this.palette = palette
    const land = new Style({ fill: new Fill({ color: palette.mapLand }) })
    this.land.setStyle((feature) => (feature.get('kind') === 'district' && feature.get('of') === 'areas' ? land : undefined))
    const base = baseStyle(palette, this.stretch)
    const streets = streetNames(palette, this.language)
    this.base.setStyle((feature, resolution) => (feature.get('of') === 'name' ? streets : base)(feature, resolution))
    const areas = areaNames(palette, this.language)
    this.names.setStyle((feature, resolution) => (feature.get('of') === 'area_labels' ? areas(feature, resolution) : undefined))
    this.paintGrids()
  }

  /** @param {import('./grid-style.js').Colouring} colouring */
  colour(colouring) {
    this.colouring = colouring
    this.paintGrids()
  }

  /** @param {Map<number, {open?: number, overdue?: number, rounds?: number}>} load  counts that are newer than the tile's */
  count(load) {
    this.load = load
    if (this.colouring !== 'kind') this.grids.changed()
  }

  paintGrids() {
    const countsOf = (feature) => this.countsOf(feature)
    const grids = gridStyle(this.palette, this.colouring, countsOf)
    const numbers = gridNames(this.palette, this.colouring, countsOf, this.stretch)
    this.grids.setStyle((feature, resolution) => (feature.get('of') === 'grid_labels' ? numbers : grids)(feature, resolution))
  }

  countsOf(feature) {
    const live = this.load.get(feature.getId())
    const said = (name) => live?.[name] ?? feature.get(name)
    return { open: said('open') ?? 0, overdue: said('overdue') ?? 0, rounds: said('rounds') }
  }
}

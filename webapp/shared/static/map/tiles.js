// Where tiles come from, and how they are drawn sharp.

import { getUid, VectorTileLayer, VectorTileRenderer, VectorTileSource, createXYZ } from '../../vendor/ol.js'
import { AreaFormat, BaseFormat, GridFormat, plainFormat } from './formats.js'

/** The deepest tiles that are asked for; nearer by they are drawn larger. Of areas only names and the rim are drawn. */
const DEEPEST = { basemap: 16, grids: 15, areas: 13, incidents: 16, sites: 16, devices: 16 }
/** A tile of level z fills this many pixels at zoom z + 1: a quarter of the requests of 256. */
const TILE_PX = 512
const LOWEST = 7
/** State of a tile, as the library counts. */
const LOADED = 2

/** @type {Record<string, () => import('../../vendor/ol.js').MVT>} */
const FORMATS = {
  basemap: () => new BaseFormat(),
  grids: () => new GridFormat(),
  areas: () => new AreaFormat(),
}

/**
 * One layer of the tile server.
 * @param {string} name
 * @param {{base: string, extent?: number[], address: {revision: string, asOf: Date|null, turn?: number}}} options
 *   `base`: path before the layer; `extent`: EPSG:3857, nothing outside is asked for; `turn`: counts how often the same
 *   revision was asked anew, since what is live changes within one
 */
export function tileSource(name, { base, extent, address }) {
  const source = new VectorTileSource({
    format: (FORMATS[name] ?? (() => plainFormat([name])))(),
    tileGrid: createXYZ({ minZoom: LOWEST, maxZoom: DEEPEST[name], tileSize: TILE_PX }),
    tileUrlFunction: () => undefined,
    wrapX: false,
    transition: 0,
  })
  pointAt(source, name, { base, extent, address })
  return source
}

/** Ask for another revision or day; what is on the screen stays until the new tile is there. */
export function pointAt(source, name, { base, extent, address: { revision, asOf, turn = 0 } }) {
  const query = new URLSearchParams()
  if (revision) query.set('v', revision)
  if (asOf) query.set('as_of', asOf.toISOString())
  if (turn > 0) query.set('turn', turn)
  const tail = query.size > 0 ? `?${query}` : ''
  const grid = source.getTileGrid()
  const meets = (tile) => {
    const [west, south, east, north] = grid.getTileCoordExtent(tile)
    return !extent || (west < extent[2] && east > extent[0] && south < extent[3] && north > extent[1])
  }
  const url = (tile) => (base && tile && meets(tile) ? `${base}/${name}/${tile.join('/')}.mvt${tail}` : undefined)
  source.setTileUrlFunction(url, `${name}${tail}`)
}

/** A layer whose tile pictures have the size at which they are shown: no blur between two zoom levels. */
export class SharpTileLayer extends VectorTileLayer {
  createRenderer() {
    return new SharpTileRenderer(this, {})
  }

  /**
   * Features that the tiles of the zoom on the screen hold.
   * @param {string} of  layer within the tile
   * @param {number[]} extent  EPSG:3857
   */
  featuresOf(of, extent) {
    return this.getRenderer().featuresOf(of, extent)
  }
}

class SharpTileRenderer extends VectorTileRenderer {
  sorted = new WeakMap()

  featuresOf(of, extent) {
    if (!this.frameState) return []
    const source = this.getLayer().getSource()
    const level = source.getTileGrid().getZForResolution(this.frameState.viewState.resolution, source.zDirection)
    // While newer tiles are on their way, the old one of a place speaks until the new one is there.
    const parts = new Map()
    this.getTileCache().forEach((tile) => {
      if (tile.getState() !== LOADED) return
      const current = tile.key === source.getKey()
      for (const part of tile.getSourceTiles()) {
        const [west, south, east, north] = part.extent
        const near = west < extent[2] && east > extent[0] && south < extent[3] && north > extent[1]
        const place = part.tileCoord.join()
        if (near && part.tileCoord[0] === level && (current || !parts.has(place))) parts.set(place, part)
      }
    })
    return [...parts.values()].flatMap((part) => this.sort(part).get(of) ?? [])
  }

  /** The features of a tile by the layer they are of; sorted once, asked for often. */
  sort(tile) {
    let byLayer = this.sorted.get(tile)
    if (byLayer === undefined) {
      byLayer = new Map()
      for (const feature of tile.getFeatures() ?? []) {
        const of = feature.get('of')
        if (byLayer.has(of)) byLayer.get(of).push(feature)
        else byLayer.set(of, [feature])
      }
      this.sorted.set(tile, byLayer)
    }
    return byLayer
  }

  /** As in OpenLayers, but the picture has the tile's size on the screen and not always 512 pixels. */
  renderTileImage_(tile, frameState) {
    const layer = this.getLayer()
    const state = tile.getReplayState(layer)
    const grid = layer.getSource().getTileGridForProjection(frameState.viewState.projection)
    const [level] = tile.wrappedTileCoord
    const scale = frameState.pixelRatio / tile.wantedResolution
    const side = Math.round(TILE_PX * grid.getResolution(level) * scale)
    const context = tile.getContext()
    context.canvas.width = side
    context.canvas.height = side
    const [west, , , north] = grid.getTileCoordExtent(tile.wrappedTileCoord)
    const transform = [scale, 0, 0, -scale, -west * scale, north * scale]
    for (const group of tile.executorGroups[getUid(layer)]) {
      group.execute(context, [side, side], transform, 0, true, ['Polygon', 'Circle', 'LineString'], null)
    }
    state.renderedTileRevision = layer.getRevision()
    state.renderedTileResolution = tile.wantedResolution
  }
}

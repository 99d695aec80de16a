// Reading tiles. What the map needs and the tile does not say is worked out here, once a tile: border lines, and which
// lines bear a name.

import { MVT, RenderFeature } from '../../vendor/ol.js'
import { findBorders } from './borders.js'
import { longestOfEachName } from './streets.js'

const UNITS = 4096

/** Every feature says under `of` which layer of the tile it came from. @param {string[]} layers */
export const plainFormat = (layers) => new MVT({ layers, layerName: 'of' })

/** Tiles of areas; each polygon knows the `rim` of its tile, beyond which it was cut. */
export class AreaFormat extends MVT {
  constructor() {
    super({ layers: ['areas', 'area_labels'], layerName: 'of' })
  }

  readFeatures(source, options) {
    const features = super.readFeatures(source, options)
    for (const feature of features) feature.getProperties().rim = options.extent
    return features
  }
}

/** Tiles of the base map, with one line for each name added as a feature `of` 'name'. */
export class BaseFormat extends MVT {
  constructor() {
    super({ layers: ['ground', 'way', 'building', 'water_label'], layerName: 'of' })
  }

  readFeatures(source, options) {
    const features = super.readFeatures(source, options)
    const named = features.filter((feature) => feature.get('name') && ['way', 'water_label'].includes(feature.get('of')))
    for (const { feature, flat } of longestOfEachName(named.flatMap(partsOf))) {
      const { name, name_en, rank } = feature.getProperties()
      const water = feature.get('of') === 'water_label' || feature.get('kind') === 'river'
      features.push(new RenderFeature('LineString', flat, [flat.length], 2, { of: 'name', water, name, name_en, rank }, undefined))
    }
    return features
  }
}

function partsOf(feature) {
  const flat = feature.getFlatCoordinates()
  const ends = feature.getEnds?.() ?? []
  if (ends.length < 2) return [{ name: feature.get('name'), feature, flat }]
  return ends.map((end, at) => ({ name: feature.get('name'), feature, flat: flat.slice(at === 0 ? 0 : ends[at - 1], end) }))
}

/** Tiles of grids, with the lines between grids added as features `of` 'border'. */
export class GridFormat extends MVT {
  constructor() {
    super({ layers: ['grids', 'grid_labels'], layerName: 'of' })
  }

  readFeatures(source, options) {
    const features = super.readFeatures(source, options)
    const [west, , east, north] = options.extent
    const unit = (east - west) / UNITS
    const grids = features.filter((feature) => feature.get('of') === 'grids')
    for (const grid of grids) grid.getProperties().rim = options.extent
    const owners = grids.map((feature) => toOwner(feature, west, north, unit))
    for (const [border, lines] of findBorders(owners, UNITS)) features.push(toFeature(border, lines, west, north, unit))
    return features
  }
}

function toOwner(feature, west, north, unit) {
  const flat = feature.getFlatCoordinates()
  const rings = []
  let start = 0
  for (const end of feature.getEnds().flat()) {
    const ring = []
    for (let at = start; at < end; at += 2) ring.push(Math.round((flat[at] - west) / unit), Math.round((north - flat[at + 1]) / unit))
    rings.push(ring)
    start = end
  }
  return { rings, kind: feature.get('kind'), code: feature.get('code') }
}

function toFeature(border, lines, west, north, unit) {
  const flat = []
  const ends = []
  for (const line of lines) {
    for (let at = 0; at < line.length; at += 2) flat.push(west + line[at] * unit, north - line[at + 1] * unit)
    ends.push(flat.length)
  }
  return new RenderFeature('MultiLineString', flat, ends, 2, { of: 'border', border }, undefined)
}

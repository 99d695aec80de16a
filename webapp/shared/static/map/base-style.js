// The base map: land, water, streets, buildings. It whispers; duty speaks above it.

import { Fill, Stroke, Style } from '../../vendor/ol.js'
import { fade } from './palette.js'
import { perResolution, zoomOf } from './scale.js'

/** Ground from below to above: kind -> [colour of the palette, place in the order]. */
const GROUND = {
  field_a: ['mapFieldA', 1], field_b: ['mapFieldB', 1], field_c: ['mapFieldC', 1], forest: ['mapForest', 2],
  town: ['mapTown', 3], village: ['mapBlock', 4], block: ['mapBlock', 5], school_ground: ['mapBlock', 5],
  plaza: ['mapTown', 5], pitch: ['mapPark', 7], island: ['mapLand', 9], park: ['mapPark', 6], track: ['mapPark', 7], water: ['mapWater', 8],
}

/** Streets by rank: width on the ground, least width on the screen, first zoom, colour. */
const STREETS = {
  1: { widthM: 30, floorPx: 1.2, from: 0, colour: 'mapArterial' },
  2: { widthM: 18, floorPx: 1, from: 13.5, colour: 'mapStreet' },
  3: { widthM: 12, floorPx: 0.8, from: 13.5, colour: 'mapStreet' },
  4: { widthM: 7, floorPx: 0.7, from: 14.5, colour: 'mapLane' },
  5: { widthM: 4, floorPx: 0.7, from: 16.5, colour: 'mapLane' },
}
const LINES = {
  motorway: { widthM: 28, floorPx: 1.6, from: 0, colour: 'mapMotorway', order: 26 },
  road: { widthM: 9, floorPx: 0.8, from: 0, colour: 'mapStreet', order: 21 },
  path: { widthM: 3, floorPx: 0.6, from: 16.5, colour: 'mapLane', order: 20 },
  wall: { widthM: 0.5, floorPx: 0.6, from: 16.5, colour: 'mapBuildingLine', order: 20 },
}
const CASING = 10
const BODY = 20
const RAIL = 30
const BUILDING = 40

/**
 * The style function of the base map.
 * @param {import('./palette.js').Palette} palette
 * @param {number} stretch  EPSG:3857 metres to a metre on the ground
 */
export function baseStyle(palette, stretch) {
  const sheet = perResolution((resolution) => drawSheet(palette, resolution, resolution / stretch))
  return (feature, resolution) => {
    const { ground, streets, lines, building } = sheet(resolution)
    switch (feature.get('of')) {
      case 'ground':
        return ground[feature.get('kind')]
      case 'building':
        return building
      case 'way':
        return feature.get('kind') === 'street' ? streets[feature.get('rank')] : lines[feature.get('kind')]
      default:
        return undefined
    }
  }
}

function drawSheet(palette, resolution, metresPerPx) {
  const zoom = zoomOf(resolution)
  const streets = {}
  for (const [rank, street] of Object.entries(STREETS)) {
    streets[rank] = drawLine(palette, { ...street, order: BODY + 5 - rank }, zoom, metresPerPx)
  }
  const lines = { rail: drawRail(palette, metresPerPx), river: drawStream(palette, metresPerPx) }
  for (const [kind, line] of Object.entries(LINES)) lines[kind] = drawLine(palette, line, zoom, metresPerPx)
  return { ground: drawGround(palette, zoom), streets, lines, building: drawBuilding(palette, zoom) }
}

function drawGround(palette, zoom) {
  const styles = {}
  for (const [kind, [colour, order]] of Object.entries(GROUND)) {
    styles[kind] = new Style({ fill: new Fill({ color: palette[colour] }), zIndex: order })
  }
  if (zoom >= 14.5) {
    for (const kind of ['field_a', 'field_b', 'field_c']) {
      styles[kind].setStroke(new Stroke({ color: palette.mapFieldLine, width: 0.7 }))
    }
    styles.track.setStroke(new Stroke({ color: palette.mapStreetCasing, width: 1 }))
  }
  // Far out a village is a blot that must be seen among its fields.
  if (zoom < 13.5) styles.village.setFill(new Fill({ color: fade(palette.mapBuilding, 0.7) }))
  styles.water.setStroke(new Stroke({ color: palette.mapWaterLine, width: zoom < 13.5 ? 0.6 : 1 }))
  return styles
}

function drawLine(palette, { widthM, floorPx, from, colour, order }, zoom, metresPerPx) {
  if (zoom < from) return undefined
  const width = Math.max(widthM / metresPerPx, floorPx)
  const line = (color, px, zIndex) => new Style({ stroke: new Stroke({ color, width: px, lineCap: 'round', lineJoin: 'round' }), zIndex })
  const body = line(palette[colour], width, order)
  // Two casings of 1 px; where streets meet, the bodies above open the crossing.
  if (zoom >= 14.5 && width > 1.5) return [line(palette.mapStreetCasing, width + 2, CASING), body]
  // White on paper does not show: by day, far away, a street is a thin grey line.
  return palette.dark ? body : [line(palette.mapStreetCasing, width + 0.9, CASING), body]
}

function drawRail(palette, metresPerPx) {
  const width = Math.max(3 / metresPerPx, 1.1)
  const track = new Style({ stroke: new Stroke({ color: palette.mapRail, width }), zIndex: RAIL })
  const ties = new Stroke({ color: palette.dark ? palette.mapHalo : palette.mapLand, width: width * 0.55, lineDash: [7, 7], lineCap: 'butt' })
  return [track, new Style({ stroke: ties, zIndex: RAIL + 1 })]
}

function drawStream(palette, metresPerPx) {
  const width = Math.max(10 / metresPerPx, 1)
  return new Style({ stroke: new Stroke({ color: palette.mapWater, width, lineCap: 'round', lineJoin: 'round' }), zIndex: 8 })
}

function drawBuilding(palette, zoom) {
  // Far out the houses are a texture; near by each has its outline.
  const fill = new Fill({ color: zoom < 15.5 ? fade(palette.mapBuilding, 0.75) : palette.mapBuilding })
  const stroke = zoom < 15.5 ? undefined : new Stroke({ color: palette.mapBuildingLine, width: 0.7 })
  return new Style({ fill, stroke, zIndex: BUILDING })
}

/** Zones on the map: each in a colour of its own, with its name and what it holds; the ground stays to be seen. */
import { t } from '../shared/i18n.js'
import { tracePath } from '../shared/map/marks.js'
import { fade } from '../shared/map/palette.js'
import { figure } from '../shared/words.js'
import { stroke } from './draft-layers.js'
import { plate } from './plates.js'
import { roomiest, shapeOf } from './shapes.js'

const COLOURS = 6
/** A zone with less room around its name bears only that. */
const ROOM_PX = 40

/** The name of the colour of a zone, by its place in the list from 0; neighbours seldom stand six apart. */
export const colourOf = (place) => `zone${(place % COLOURS) + 1}`

/** @param {{ get: () => object }} store */
export function createZoneLayers(store) {
  let drawn = { features: null, shapes: [] }
  /** Worked out once for each state of the list. */
  const shapesNow = () => {
    const { plan, side, zoneFeatures } = store.get()
    if (plan || side !== 'zones') return []
    if (drawn.features !== zoneFeatures) drawn = { features: zoneFeatures, shapes: zoneFeatures.map(zoneShape) }
    return drawn.shapes
  }
  return {
    draw(context, frame, palette) {
      const shapes = shapesNow()
      shapes.forEach(({ flat }, place) => {
        tracePath(context, flat, frame)
        context.fillStyle = fade(palette[colourOf(place)], palette.dark ? 0.3 : 0.26)
        context.fill('evenodd')
        context.restore()
      })
      const lines = shapes.flatMap(({ flat }) => flat)
      stroke(context, frame, lines, palette.mapHalo, 6)
      stroke(context, frame, lines, palette.text1, 2.4)
    },
    marks: (_extent, resolution, palette) =>
      shapesNow().map(({ at: [x, y], room, words }) => ({ x, y, canvas: plate(palette, room / resolution < ROOM_PX ? words().slice(0, 1) : words(), false) })),
  }
}

/** A zone may lie in several pieces: its name stands in the widest. */
function zoneShape(feature, place) {
  const { geometry, properties } = feature
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  const shapes = polygons.map((coordinates) => shapeOf({ ...feature, geometry: { type: 'Polygon', coordinates } }))
  const rooms = shapes.map(({ flat, box }) => roomiest(flat, box))
  const { at, room } = rooms.reduce((best, one) => (one.room > best.room ? one : best))
  return { flat: shapes.flatMap(({ flat }) => flat), at, room, words: () => wordsOf(properties, place) }
}

/** What stands on the map: its name, and how many live there where that was counted. */
function wordsOf({ name, households }, place) {
  const called = name ?? t('Zone %(n)s', { n: place + 1 })
  return households === undefined ? [called] : [called, t('%(n)s households', { n: figure(households) })]
}

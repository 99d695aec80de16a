/** Two days on one map: borders that are gone, dashed; borders that came, solid; ground that moved, hatched; names. */
import { hatch } from '../shared/map/canvas.js'
import { tracePath } from '../shared/map/marks.js'
import { fade } from '../shared/map/palette.js'
import { nameOf } from '../shared/words.js'
import { stroke } from './draft-layers.js'
import { difference } from './linework.js'
import { twoLines } from './plates.js'
import { joined, meet, roomiest, shapeOf, within } from './shapes.js'

/**
 * Prepare the shapes of an answer once.
 * @param {object} found  what GET /differences answers
 */
export function shapesOf(found) {
  const of = (role) =>
    (found?.features.features ?? [])
      .filter(({ properties }) => properties.role === role)
      .map(({ properties, geometry }) => shapeOf({ id: properties.grid ?? `${properties.from}-${properties.to}`, properties, geometry }))
  const [before, after, moved] = [of('before'), of('after'), of('moved')]
  const byId = new Map([...before, ...after].map((shape) => [shape.id, shape]))
  return {
    before, after, moved, byId,
    lines: difference(before, after),
    rooms: new Map([...byId].map(([id, { flat, box }]) => [id, roomiest(flat, box)])),
  }
}

/** The grid that lies at a place: of the later day, else of the earlier. */
export const gridAt = ({ before, after }, xy) => [...after, ...before].find(({ flat }) => within(flat, xy))

/** The box of all shapes, EPSG:3857, or null. */
export const boxOfAll = ({ before, after }) => (before.length + after.length ? joined([...before, ...after].map(({ box }) => box)) : null)

/** What a grid was and is, as one box. */
export const boxOfGrid = ({ before, after }, id) => {
  const boxes = [...before, ...after].filter((shape) => shape.id === String(id)).map(({ box }) => box)
  return boxes.length ? joined(boxes) : null
}

/**
 * @param {() => { shapes: ReturnType<typeof shapesOf>, chosen: number|null }} now
 * @returns {import('../shared/map/sketchpad.js').Painter}
 */
export function differencePainter(now) {
  let look = null
  return {
    draw(context, frame, palette) {
      const { shapes, chosen } = now()
      if (look?.palette !== palette) {
        look = { palette, moved: hatch(fade(palette.accent, palette.dark ? 0.5 : 0.6), 1.4, { pixelRatio: palette.pixelRatio, background: fade(palette.accent, 0.1) }) }
      }
      fill(context, frame, shapes.moved.flatMap(({ flat }) => flat), look.moved)
      const own = shapes.byId.get(String(chosen))
      if (own) fill(context, frame, own.flat, fade(palette.accent, 0.16))
      outline(context, frame, shapes, palette)
      if (own) stroke(context, frame, own.flat, palette.accent, 2)
    },
    marks(extent, resolution, palette) {
      const { shapes, chosen } = now()
      return [...shapes.byId.values()]
        .filter(({ box, id }) => meet(box, extent) && (id === String(chosen) || shapes.rooms.get(id).room / resolution > 18))
        .map(({ id, properties }) => {
          const [x, y] = shapes.rooms.get(id).at
          const colour = properties.role === 'before' ? palette.text2 : properties.kind === 'dedicated' ? palette.kindDedicated : palette.text1
          return { x, y, solid: id === String(chosen), canvas: twoLines(palette, nameOf(properties), null, colour) }
        })
    },
  }
}

/** Grids that changed have their whole border, thin, so that each is seen for itself. */
function outline(context, frame, { before, after, lines }, palette) {
  const thin = (shapes) => shapes.flatMap(({ flat }) => flat)
  stroke(context, frame, thin(before), fade(palette.gridLine, 0.55), 1)
  stroke(context, frame, thin(after), palette.gridLine, 1.2)
  stroke(context, frame, lines.old, palette.mapHalo, 3.4)
  stroke(context, frame, lines.old, palette.text1, 1.8, [5, 4])
  stroke(context, frame, lines.fresh, palette.mapHalo, 5)
  stroke(context, frame, lines.fresh, palette.accent, 3)
}

function fill(context, frame, rings, style) {
  if (!rings.length) return
  tracePath(context, rings, frame)
  context.fillStyle = style
  context.fill('evenodd')
  context.restore()
}

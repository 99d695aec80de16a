/** The draft on the map: grids by kind, their borders, what changes hands, who is chosen, and their names. */
import { t } from '../shared/i18n.js'
import { dots, hatch } from '../shared/map/canvas.js'
import { hasRoom } from '../shared/map/labels.js'
import { tracePath } from '../shared/map/marks.js'
import { fade } from '../shared/map/palette.js'
import { zoomOf } from '../shared/map/scale.js'
import { figure, nameOf } from '../shared/words.js'
import { bordersOf, difference } from './linework.js'
import { plate, twoLines } from './plates.js'
import { meet } from './shapes.js'

/** From here on the page draws all grids itself; from farther away only what the plan changes, over the tiles. */
export const NEAR_ZOOM = 14
const NAMES_FROM = 15.4

/**
 * @param {ReturnType<import('./draft-source.js').createDraftSource>} source
 * @param {{ get: () => object }} store
 * @param {{ gains: () => Map<string, number>, swipeAt: () => number|null }} now  households that the hand is about to move, and
 *   the share of the width from which on the draft is shown
 */
export function createDraftLayers(source, store, { gains, swipeAt }) {
  let looks = null
  let lines = null
  const looksOf = (palette) => {
    if (looks?.palette !== palette) looks = { palette, ...makeLooks(palette) }
    return looks
  }
  /** Lines are worked out once for each state of the coverage. */
  const linesOf = () => {
    const all = source.all()
    lines ??= {
      drawn: bordersOf(all),
      forced: bordersOf(inForce(source)),
      ...difference(source.before(), source.changed()),
    }
    return lines
  }
  return {
    changed() {
      lines = null
    },
    draw(context, frame, palette) {
      if (!store.get().plan) return
      const look = looksOf(palette)
      const near = zoomOf(frame.resolution) >= NEAR_ZOOM
      const share = swipeAt()
      const draft = () => drawDraft(context, frame, look, { near, source, lines: linesOf(), ...store.get() })
      if (share === null) return draft()
      const split = Math.round(frame.size[0] * frame.pixelRatio * share)
      clipped(context, frame, 0, split, () => drawForced(context, frame, look, { near, source, lines: linesOf() }))
      clipped(context, frame, split, frame.size[0] * frame.pixelRatio, draft)
    },
    marks(extent, resolution, palette) {
      const { plan, selection } = store.get()
      const zoom = zoomOf(resolution)
      if (!plan || zoom < NEAR_ZOOM) return []
      const won = gains()
      const shown = source.all().filter((shape) => meet(shape.box, extent))
      const plated = shown.filter(({ id, properties }) => won.has(id) || properties.change !== 'same')
      const plain = zoom < NAMES_FROM ? [] : shown.filter((shape) => !plated.includes(shape))
      const at = (shape) => source.roomOf(shape).at
      return [
        ...plated.map((shape) => {
          const [x, y] = at(shape)
          return { x, y, canvas: plate(palette, linesFor(shape, won), won.has(shape.id) || selection.includes(shape.id)), solid: won.has(shape.id) }
        }),
        ...plain.flatMap((shape) => nameMarks(shape, source.roomOf(shape), resolution, palette)),
      ]
    },
  }
}

/** The coverage in force, as far as it is known. */
function inForce(source) {
  const same = source.all().filter(({ properties }) => properties.change === 'same')
  return [...same, ...source.before()]
}

/** Name, and households before and after. */
function linesFor({ id, properties }, won) {
  const { households, base_households: base, change } = properties
  const before = won.has(id) ? households : base
  const after = households + (won.get(id) ?? 0)
  const name = properties.name ? nameOf(properties) : t('New grid')
  if (change === 'new' && !won.has(id)) return [name, t('%(n)s households', { n: figure(after) })]
  if (before === null || before === after) return [name, t('%(n)s households', { n: figure(after) })]
  return [name, t('%(before)s → %(after)s households', { before: figure(before), after: figure(after) })]
}

function nameMarks({ properties }, { at: [x, y], room }, resolution, palette) {
  const dedicated = properties.kind === 'dedicated'
  const name = nameOf(properties)
  const face = { font: `600 {size} ${palette.fontUi}`, size: palette.fontPx * 0.8 }
  if (!hasRoom(face, name, room / resolution)) return []
  const count = dedicated ? null : t('%(n)s households', { n: figure(properties.households) })
  return [{ x, y, canvas: twoLines(palette, name, count, dedicated ? palette.kindDedicated : palette.text1) }]
}

function makeLooks(palette) {
  const { pixelRatio, dark } = palette
  return {
    fills: {
      urban: fade(palette.kindUrban, dark ? 0.1 : 0.07),
      rural: dots(fade(palette.kindRural, dark ? 0.3 : 0.4), { pixelRatio }),
      dedicated: hatch(fade(palette.kindDedicated, 0.5), 0.9, { background: fade(palette.kindDedicated, 0.1), pixelRatio }),
    },
    moved: hatch(fade(palette.accent, 0.42), 1.2, { pixelRatio }),
    chosen: fade(palette.accent, 0.12),
  }
}

function clipped(context, { size, pixelRatio }, from, to, draw) {
  context.save()
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.beginPath()
  context.rect(from, 0, to - from, size[1] * pixelRatio)
  context.clip()
  draw()
  context.restore()
}

function drawDraft(context, frame, look, { near, source, lines, selection, tool }) {
  const changed = source.changed()
  fillByKind(context, frame, look, near ? source.all() : changed)
  if (lines.fresh.length) for (const rings of strips(source)) fill(context, frame, rings, look.moved)
  if (near) strokeBorders(context, frame, look, lines.drawn)
  const { accent, mapHalo, text1 } = look.palette
  stroke(context, frame, lines.old, mapHalo, 3)
  stroke(context, frame, lines.old, text1, 1.6, [5, 4])
  stroke(context, frame, lines.fresh, mapHalo, 5)
  stroke(context, frame, lines.fresh, accent, 3)
  // The border that is being moved has the line; its grids are only tinted.
  for (const id of selection) drawChosen(context, frame, look, source.get(id), tool !== 'move')
}

function drawForced(context, frame, look, { near, source, lines }) {
  fillByKind(context, frame, look, near ? inForce(source) : source.before())
  if (near) strokeBorders(context, frame, look, lines.forced)
  stroke(context, frame, lines.old, look.palette.mapHalo, 4)
  stroke(context, frame, lines.old, look.palette.text1, 2)
}

function fillByKind(context, frame, { fills }, shapes) {
  for (const kind of ['urban', 'rural', 'dedicated']) {
    const rings = shapes.filter(({ properties }) => properties.kind === kind).flatMap(({ flat }) => flat)
    tracePath(context, rings, frame)
    context.fillStyle = fills[kind]
    context.fill('evenodd')
    context.restore()
  }
}

/** Ground that changes hands: of each grid what it had and has not, and the other way about. */
function strips(source) {
  const ids = new Set([...source.before(), ...source.changed()].map(({ id }) => id))
  return [...ids].map((id) => [source.beforeOf(id), source.get(id)].flatMap((shape) => shape?.flat ?? []))
}

function fill(context, frame, rings, style) {
  tracePath(context, rings, frame)
  context.fillStyle = style
  context.fill('evenodd')
  context.restore()
}

function strokeBorders(context, frame, { palette }, lines) {
  stroke(context, frame, lines.urban, palette.gridLine, 1.1)
  stroke(context, frame, lines.rural, fade(palette.kindRural, 0.9), 1, [6, 4])
  stroke(context, frame, lines.dedicated, palette.kindDedicated, 4)
  stroke(context, frame, lines.dedicated, palette.mapHalo, 2)
  stroke(context, frame, lines.community, palette.communityLine, 1.5)
  stroke(context, frame, lines.township, palette.mapHalo, 4.5)
  stroke(context, frame, lines.township, palette.townshipLine, 2, [11, 3, 2, 3])
}

/** Inside of its border, for the border belongs to the neighbour as well. */
function drawChosen(context, frame, { chosen, palette }, shape, outlined) {
  if (!shape) return
  tracePath(context, shape.flat, frame)
  context.fillStyle = chosen
  context.fill('evenodd')
  if (outlined) {
    context.clip('evenodd')
    context.strokeStyle = palette.accent
    context.lineWidth = 6 * frame.pixelRatio
    context.stroke()
  }
  context.restore()
}

/** @param {number} width  CSS pixels */
export function stroke(context, frame, lines, colour, width, dash = []) {
  if (!lines.length) return
  tracePath(context, lines, frame)
  context.strokeStyle = colour
  context.lineWidth = width * frame.pixelRatio
  context.lineJoin = context.lineCap = dash.length ? 'butt' : 'round'
  context.lineJoin = 'round'
  context.setLineDash(dash.map((length) => length * frame.pixelRatio))
  context.stroke()
  context.restore()
}

/** What lies under the hand: lines that are drawn, handles, what would change hands, and a tag beside the pointer. */
import { hatch } from '../shared/map/canvas.js'
import { tracePath } from '../shared/map/marks.js'
import { fade } from '../shared/map/palette.js'
import { stroke } from './draft-layers.js'

/**
 * @typedef {object} Drawing
 * @property {number[][]} [fresh]  flat lines, EPSG:3857: as it would be
 * @property {number[][]} [old]  as it is
 * @property {number[][]} [hinted]  what the hand stands over
 * @property {{ before: number[][], after: number[][] }[]} [strips]  shapes before and after: between them ground changes hands
 * @property {number[][]} [piece]  rings that are taken up
 * @property {{ xy: number[], kind: 'stays'|'corner'|'middle', chosen?: boolean }[]} [handles]
 * @property {{ ring: number[] }[]} [moved]  buildings that change hands
 * @property {{ ring: number[] }[]} [cut]  buildings that the line cuts
 * @property {Map<string, number>} [gains]  households that each grid would win
 * @property {number[]|null} [spot]  where the hand was drawn to
 */
const NOTHING = { fresh: [], old: [], hinted: [], strips: [], piece: [], handles: [], moved: [], cut: [], gains: new Map(), spot: null }

/**
 * @param {import('../shared/map/sketchpad.js').Sketchpad} pad
 * @param {HTMLElement} element  of the map: the tag lies in it
 */
export function createSketch(pad, element) {
  let drawing = NOTHING
  let refused = []
  let defects = []
  let large = false
  let waiting = false
  const tag = document.createElement('div')
  tag.className = 'hand-tag'
  tag.hidden = true
  element.append(tag)

  const later = (settled) => {
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => {
      waiting = false
      pad.redraw({ settled })
    })
  }
  return {
    /** Draw this, and no more what was drawn before. @param {Drawing} next */
    set(next) {
      const settled = (next.gains?.size ?? 0) + drawing.gains.size > 0
      drawing = { ...NOTHING, ...next }
      later(settled)
    },
    clear() {
      tag.hidden = true
      this.set({})
    },
    /** Points that a refusal names; they stay until the next wish. @param {number[][]} places  EPSG:3857 */
    mark(places) {
      refused = places
      later(false)
    },
    /** What the check has found, at its places. @param {{ xy: number[], grave: boolean }[]} found */
    flag(found) {
      defects = found
      later(false)
    },
    /** @param {string|null} strong @param {string|null} [quiet] @param {number[]} [pixel] */
    tell(strong, quiet, pixel) {
      tag.hidden = strong === null
      if (strong === null) return
      tag.replaceChildren(Object.assign(document.createElement('b'), { textContent: strong }), document.createTextNode(quiet ? ` ${quiet}` : ''))
      tag.style.transform = `translate(${Math.round(pixel[0] + 22)}px, ${Math.round(pixel[1] - 34)}px)`
    },
    /** Handles for fingers are larger. */
    enlarge(on) {
      large = on
    },
    gains: () => drawing.gains,
    /** Ground that changes hands lies under the names, what is in the hand over them. */
    painters: [
      { draw: (context, frame, palette) => drawGround(context, frame, palette, drawing) },
      { over: true, draw: (context, frame, palette) => drawHand(context, frame, palette, { drawing, large, flaws: [...defects, ...refused.map((xy) => ({ xy, grave: true }))] }) },
    ],
    stop: () => tag.remove(),
  }
}

function drawGround(context, frame, palette, drawing) {
  const { accent, sev2 } = palette
  const hatched = hatch(fade(accent, 0.75), 1.4, { pixelRatio: palette.pixelRatio, background: fade(accent, 0.08) })
  for (const { before, after } of drawing.strips) filled(context, frame, [...before, ...after], hatched)
  filled(context, frame, drawing.piece, hatched)
  filled(context, frame, drawing.moved.map(({ ring }) => ring), fade(accent, 0.75))
  filled(context, frame, drawing.cut.map(({ ring }) => ring), fade(sev2, 0.75))
  stroke(context, frame, drawing.cut.map(({ ring }) => ring), sev2, 1.6)
}

function drawHand(context, frame, palette, { drawing, large, flaws }) {
  const { accent, text1, mapHalo } = palette
  stroke(context, frame, drawing.hinted, fade(accent, 0.55), 5)
  stroke(context, frame, drawing.old, mapHalo, 3.5)
  stroke(context, frame, drawing.old, text1, 1.8, [6, 4])
  stroke(context, frame, [...drawing.fresh, ...drawing.piece], mapHalo, 5)
  stroke(context, frame, [...drawing.fresh, ...drawing.piece], accent, 3)
  onScreen(context, frame, (pixelOf) => {
    const k = frame.pixelRatio * (large ? 1.7 : 1)
    for (const { xy, grave } of flaws) drawFlaw(context, pixelOf(xy), frame.pixelRatio, palette, grave)
    for (const handle of drawing.handles) drawHandle(context, pixelOf(handle.xy), handle, k, palette)
    if (drawing.spot) ring(context, pixelOf(drawing.spot), 13 * frame.pixelRatio, accent, 1.5 * frame.pixelRatio, [3, 3])
  })
}

function filled(context, frame, rings, style) {
  if (!rings.length) return
  tracePath(context, rings, frame)
  context.fillStyle = style
  context.fill('evenodd')
  context.restore()
}

function onScreen(context, { centre, resolution, size, pixelRatio }, draw) {
  const scale = pixelRatio / resolution
  context.save()
  context.setTransform(1, 0, 0, 1, 0, 0)
  draw(([x, y]) => [(x - centre[0]) * scale + (size[0] * pixelRatio) / 2, (centre[1] - y) * scale + (size[1] * pixelRatio) / 2])
  context.restore()
}

/** What stays is a square, a corner a circle, a middle a small dot; the chosen one is filled and ringed. */
function drawHandle(context, [x, y], { kind, chosen }, k, palette) {
  const r = { stays: 4.5, corner: 5.5, middle: 2.6 }[kind] * k
  context.beginPath()
  if (kind === 'stays') context.rect(x - r, y - r, 2 * r, 2 * r)
  else context.arc(x, y, r, 0, 2 * Math.PI)
  context.fillStyle = chosen || kind === 'middle' ? palette.accent : palette.bgApp
  context.fill()
  context.strokeStyle = palette.accent
  context.lineWidth = 2 * k
  context.stroke()
  if (chosen) ring(context, [x, y], r + 5 * k, palette.focus, 2 * k)
}

function ring(context, [x, y], radius, colour, width, dash = []) {
  context.beginPath()
  context.setLineDash(dash.map((length) => length * width))
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.strokeStyle = colour
  context.lineWidth = width
  context.stroke()
  context.setLineDash([])
}

/** An orange square as in the list: a cross for what must change, a dash for what is to be looked at. */
function drawFlaw(context, [x, y], k, palette, grave) {
  context.beginPath()
  context.roundRect(x - 8 * k, y - 8 * k, 16 * k, 16 * k, 3 * k)
  context.strokeStyle = palette.mapHalo
  context.lineWidth = 4 * k
  context.stroke()
  context.fillStyle = grave ? palette.sev2 : palette.bgPanel
  context.fill()
  context.strokeStyle = palette.sev2
  context.lineWidth = 1.5 * k
  context.stroke()
  context.beginPath()
  for (const [x0, y0, x1, y1] of grave ? [[-3.5, -3.5, 3.5, 3.5], [3.5, -3.5, -3.5, 3.5]] : [[-3.5, 0, 3.5, 0]]) {
    context.moveTo(x + x0 * k, y + y0 * k)
    context.lineTo(x + x1 * k, y + y1 * k)
  }
  context.strokeStyle = grave ? palette.sevInk : palette.sev2
  context.lineWidth = 2.2 * k
  context.stroke()
}

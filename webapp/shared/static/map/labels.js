// Names and numbers on the map, drawn as pictures: a stroked text that is drawn anew in each frame costs more than
// everything else on the map together.

import { keepsake, picture, textWidth } from './canvas.js'
import { layOut } from './streets.js'

/** A label needs this many times its own box inside its polygon. */
const ROOM = 2.2
const pictures = keepsake(3000)

/**
 * @typedef {{font: string, size: number, colour: string, halo: string, haloPx: number, gap: number}} Face
 * How a label is written: CSS family with weight, size and halo in CSS pixels, gap between letters in CSS pixels.
 */

/** @param {string} language  BCP 47 @param {{name?: string, name_en?: string}} thing @returns {string|undefined} its name there */
export const nameIn = (language, { name, name_en }) => (language.startsWith('zh') ? name : name_en ?? name)

const fontOf = ({ font, size }) => font.replace('{size}', `${size}px`)

/** @param {Face} face @param {string} text @param {number} radiusPx @returns {boolean} whether the text has room in that circle */
export function hasRoom(face, text, radiusPx) {
  return 2 * radiusPx >= ROOM * Math.max(textWidth(fontOf(face), text), face.size)
}

/**
 * The picture of a label.
 * @param {string} text @param {Face} face @param {{pixelRatio: number}} palette
 * @returns {HTMLCanvasElement}
 */
export function label(text, face, { pixelRatio }) {
  return pictures([text, face.font, face.size, face.colour, face.halo, pixelRatio].join('|'), () => {
    const font = fontOf(face)
    const width = textWidth(font, text) + 2 * face.haloPx + 2
    const height = face.size * 1.25 + 2 * face.haloPx
    return picture(width, height, pixelRatio, (context) => {
      write(context, font, face)
      paint(context, [{ text, x: width / 2, y: height / 2, turn: 0 }], face)
    })
  })
}

/**
 * A label along a line, or nothing where the line is too short or turns too much.
 * @param {string} text @param {Face} face @param {{pixelRatio: number}} palette
 * @param {number[]} flat  the line, EPSG:3857
 * @param {number} resolution
 * @returns {import('./marks.js').Mark|undefined}
 */
export function lineLabel(text, face, { pixelRatio }, flat, resolution) {
  const font = fontOf(face)
  const laid = layOut(text, flat, { resolution, size: face.size, gap: face.gap, widthOf: (letter) => textWidth(font, letter) })
  if (laid === undefined) return undefined
  const room = face.size * 0.65 + face.haloPx
  const reach = laid.letters.reduce(([right, down], { x, y }) => [Math.max(right, Math.abs(x)), Math.max(down, Math.abs(y))], [0, 0])
  const [width, height] = [2 * (reach[0] + room), 2 * (reach[1] + room)]
  const canvas = picture(width, height, pixelRatio, (context) => {
    write(context, font, face)
    paint(context, laid.letters.map((letter) => ({ ...letter, x: letter.x + width / 2, y: letter.y + height / 2 })), face)
  })
  // One box a letter: the box of the whole slanting name would push away what it does not touch.
  const half = face.size / 2
  const boxes = laid.letters.map(({ x, y }) => [x - half, y - half, x + half, y + half])
  return { x: laid.x, y: laid.y, canvas, boxes }
}

function write(context, font, face) {
  context.font = font
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  context.lineJoin = 'round'
  context.strokeStyle = face.halo
  context.lineWidth = 2 * face.haloPx
  context.fillStyle = face.colour
}

/** All halos first, then all letters: no halo may bite into the neighbour. */
function paint(context, letters, face) {
  for (const stroke of [true, false]) {
    for (const { text, x, y, turn } of letters) {
      context.save()
      context.translate(x, y + face.size * 0.04)
      context.rotate(turn)
      if (stroke) context.strokeText(text, 0, 0)
      else context.fillText(text, 0, 0)
      context.restore()
    }
  }
}

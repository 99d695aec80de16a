// Names and numbers on the map, drawn as pictures: a stroked text that is drawn anew in each frame costs more than
// everything else on the map together.

import { Point, Style } from '../../vendor/ol.js'
import { icon, keepsake, picture, textWidth } from './canvas.js'
import { layOut } from './streets.js'

/** Which label gives way to which: higher stands firm. */
export const RANK = { township: 60, community: 50, grid: 40, street: 30, water: 20 }
/** A label needs this many times its own box inside its polygon. */
const ROOM = 2.2
const pictures = keepsake(3000)

/**
 * @typedef {{font: string, size: number, colour: string, halo: string, haloPx: number, gap: number}} Face
 * How a label is written: CSS family with weight, size and halo in CSS pixels, gap between letters in CSS pixels.
 */

const fontOf = ({ font, size }) => font.replace('{size}', `${size}px`)

/** @param {Face} face @param {string} text @param {number} radiusPx @returns {boolean} whether the text has room in that circle */
export function hasRoom(face, text, radiusPx) {
  return 2 * radiusPx >= ROOM * Math.max(textWidth(fontOf(face), text), face.size)
}

/**
 * A label at a point.
 * @param {string} text @param {Face} face
 * @param {{pixelRatio: number}} palette
 * @param {{rank: number, lift?: number}} place  `lift`: CSS pixels above the point
 * @returns {Style}
 */
export function pointLabel(text, face, { pixelRatio }, { rank, lift = 0 }) {
  const key = ['point', text, face.font, face.size, face.colour, face.halo, pixelRatio, rank, lift].join('|')
  return pictures(key, () => {
    const font = fontOf(face)
    const width = textWidth(font, text) + 2 * face.haloPx + 2
    const height = face.size * 1.25 + 2 * face.haloPx
    const canvas = picture(width, height, pixelRatio, (context) => {
      write(context, font, face)
      paint(context, [{ text, x: width / 2, y: height / 2, turn: 0 }], face)
    })
    return new Style({ image: icon(canvas, pixelRatio, 'declutter', [0, lift]), zIndex: rank })
  })
}

/**
 * A label along a line, or nothing where the line is too short or turns too much.
 * @param {string} text @param {Face} face
 * @param {{pixelRatio: number}} palette
 * @param {number[]} flat  the line, EPSG:3857
 * @param {{resolution: number, rank: number, allows: (at: number[]) => boolean}} place  `allows`: whether it may stand there
 * @returns {Style|undefined}
 */
export function lineLabel(text, face, { pixelRatio }, flat, { resolution, rank, allows }) {
  const font = fontOf(face)
  const laid = layOut(text, flat, { resolution, size: face.size, gap: face.gap, widthOf: (letter) => textWidth(font, letter) })
  if (laid === undefined || !allows([laid.x, laid.y])) return undefined
  const room = face.size * 0.65 + face.haloPx
  const xs = laid.letters.map(({ x }) => x)
  const ys = laid.letters.map(({ y }) => y)
  const [left, top] = [Math.min(...xs) - room, Math.min(...ys) - room]
  const [width, height] = [Math.max(...xs) + room - left, Math.max(...ys) + room - top]
  const canvas = picture(width, height, pixelRatio, (context) => {
    write(context, font, face)
    paint(context, laid.letters.map((letter) => ({ ...letter, x: letter.x - left, y: letter.y - top })), face)
  })
  // Letters are laid out around the middle of the line; the picture around the middle of the letters.
  const centre = [laid.x + (left + width / 2) * resolution, laid.y - (top + height / 2) * resolution]
  return new Style({ geometry: new Point(centre), image: icon(canvas, pixelRatio, 'declutter'), zIndex: rank })
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

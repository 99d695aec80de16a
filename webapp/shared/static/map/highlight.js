// A grid that is selected or in question: its fill, and a line inside of its border.

import { Feature, Polygon, Style, bufferExtent, boundingExtent } from '../../vendor/ol.js'
import { ringsOf } from './sight.js'

/**
 * Draw a grid from the pieces of it that the tiles hold, as one.
 * @param {object[]} pieces  features of the grid, each with the `rim` of its tile: west, south, east, north
 * @param {{colour: string, fill: string, width: number, dash: number[]}} look  line width inside the border, CSS pixels
 * @returns {Feature|undefined}  nothing when no tile holds any of it
 */
export function highlight(pieces, look) {
  if (pieces.length === 0) return undefined
  const rings = pieces.flatMap(ringsOf)
  const lines = pieces.flatMap((piece) => ringsOf(piece).flatMap((ring) => uncut(ring, piece.get('rim'))))
  const box = boundingExtent(pieces.map((piece) => piece.getExtent()).flatMap(([west, south, east, north]) => [[west, south], [east, north]]))
  const feature = new Feature(boxOf(bufferExtent(box, 1)))
  // The box only tells where on the screen we are; the shape itself must not be simplified or cut once more.
  feature.setStyle(new Style({ renderer: (corners, state) => draw({ corner: corners[0][0], box, rings, lines }, look, state) }))
  return feature
}

const boxOf = ([west, south, east, north]) => new Polygon([[[west, south], [west, north], [east, north], [east, south], [west, south]]])

/**
 * The parts of a ring that are border; what runs along the cut outside of the tile's rim is not.
 * @param {number[]} ring  flat, EPSG:3857
 * @param {number[]} rim  west, south, east, north of the tile
 * @returns {number[][]}  flat lines
 */
export function uncut(ring, [west, south, east, north]) {
  const lines = []
  let line = []
  for (let at = 0; at + 3 < ring.length; at += 2) {
    const [x0, y0, x1, y1] = [ring[at], ring[at + 1], ring[at + 2], ring[at + 3]]
    const upright = Math.abs(x1 - x0) < 1e-3 && (x0 < west || x0 > east)
    const level = Math.abs(y1 - y0) < 1e-3 && (y0 < south || y0 > north)
    if (upright || level) {
      if (line.length > 0) lines.push(line)
      line = []
      continue
    }
    if (line.length === 0) line.push(x0, y0)
    line.push(x1, y1)
  }
  if (line.length > 0) lines.push(line)
  return lines
}

function draw({ corner, box, rings, lines }, { colour, fill, width, dash }, { context, pixelRatio, resolution }) {
  const scale = pixelRatio / resolution
  const trace = (flat) => {
    for (let at = 0; at < flat.length; at += 2) {
      const [x, y] = [corner[0] + (flat[at] - box[0]) * scale, corner[1] - (flat[at + 1] - box[1]) * scale]
      if (at === 0) context.moveTo(x, y)
      else context.lineTo(x, y)
    }
  }
  context.save()
  context.beginPath()
  rings.forEach(trace)
  context.fillStyle = fill
  context.fill()
  // Inside the line: the border itself belongs to the neighbour as well.
  context.clip()
  context.beginPath()
  lines.forEach(trace)
  context.setLineDash(dash.map((length) => length * pixelRatio))
  context.strokeStyle = colour
  context.lineWidth = 2 * width * pixelRatio
  context.lineJoin = 'round'
  context.stroke()
  context.restore()
}

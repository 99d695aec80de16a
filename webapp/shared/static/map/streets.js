// Names set along streets and rivers: where along the line, and how each letter stands.

/** A name that would turn more than this between two letters is not set. */
const TURN = (16 * Math.PI) / 180
const STEEP = Math.PI / 4
const HAN = /\p{Script=Han}/u

/**
 * Lay a name out along a line.
 * @param {string} text
 * @param {number[]} flat  the line `[x0, y0, ...]`, EPSG:3857
 * @param {{resolution: number, size: number, gap: number, widthOf: (letter: string) => number}} face
 *   metres a pixel; letter size and gap in CSS pixels
 * @returns {{x: number, y: number, letters: {text: string, x: number, y: number, turn: number}[]}|undefined}
 *   the middle in EPSG:3857, and each letter around it in CSS pixels, y downwards, turned clockwise; nothing where the
 *   name does not fit
 */
export function layOut(text, flat, { resolution, size, gap, widthOf }) {
  const path = measure(flat, resolution)
  const han = HAN.test(text)
  const letters = [...text]
  const widths = letters.map((letter) => (han ? size : widthOf(letter)) + gap)
  const length = widths.reduce((sum, width) => sum + width, -gap)
  if (path.length < length + size) return undefined
  // The middle is best; a third and two thirds are tried where the line bends there.
  for (const share of [0.5, 0.36, 0.64]) {
    const from = path.length * share - length / 2
    if (from < size / 2 || from + length > path.length - size / 2) continue
    const laid = setLetters(path, letters, widths, from, gap, han)
    if (laid !== undefined) return laid
  }
  return undefined
}

/** The line in pixels, y downwards, with the length gone at each point. */
function measure(flat, resolution) {
  const points = []
  let length = 0
  for (let at = 0; at < flat.length; at += 2) {
    const point = [flat[at] / resolution, -flat[at + 1] / resolution]
    if (points.length > 0) {
      const step = Math.hypot(point[0] - points[points.length - 1][0], point[1] - points[points.length - 1][1])
      if (step === 0) continue
      length += step
    }
    points.push([...point, length])
  }
  return { points, length, resolution }
}

function pointAt({ points }, distance) {
  let at = 1
  while (at < points.length - 1 && points[at][2] < distance) at += 1
  const [one, two] = [points[at - 1], points[at]]
  const share = (distance - one[2]) / (two[2] - one[2])
  return [one[0] + share * (two[0] - one[0]), one[1] + share * (two[1] - one[1])]
}

/** Direction over the width of a letter, not of one segment: small steps in the line are not turns. */
function directionAt(path, distance, reach) {
  const [ax, ay] = pointAt(path, Math.max(0, distance - reach))
  const [bx, by] = pointAt(path, Math.min(path.length, distance + reach))
  return Math.atan2(by - ay, bx - ax)
}

function setLetters(path, letters, widths, from, gap, han) {
  const total = widths.reduce((sum, width) => sum + width, -gap)
  const whole = directionAt(path, from + total / 2, total / 2)
  const steep = Math.abs(Math.sin(whole)) > Math.sin(STEEP)
  const upright = han && steep
  // Read left to right, or top to bottom where it is steep and upright; steep Latin reads upwards as on a book's back.
  const backwards = upright ? Math.sin(whole) < 0 : Math.cos(whole) < 0
  const [mx, my] = pointAt(path, from + total / 2)
  const laid = []
  let gone = 0
  let before
  for (const [at, letter] of letters.entries()) {
    const middle = gone + (widths[at] - gap) / 2
    const distance = backwards ? from + total - middle : from + middle
    const direction = directionAt(path, distance, widths[at] / 2) + (backwards ? Math.PI : 0)
    if (before !== undefined && Math.abs(turnBetween(before, direction)) > TURN) return undefined
    const [x, y] = pointAt(path, distance)
    laid.push({ text: letter, x: x - mx, y: y - my, turn: upright ? 0 : turnBetween(0, direction) })
    before = direction
    gone += widths[at]
  }
  return { x: mx * path.resolution, y: -my * path.resolution, letters: laid }
}

const turnBetween = (one, other) => Math.atan2(Math.sin(other - one), Math.cos(other - one))

/**
 * The lines of one tile that bear a name: of each name the longest, and no name twice.
 * @template {{name: string, flat: number[]}} Line
 * @param {Line[]} lines
 * @returns {Line[]}
 */
export function longestOfEachName(lines) {
  const best = new Map()
  for (const line of lines) {
    const { length } = measure(line.flat, 1)
    const known = best.get(line.name)
    if (known === undefined || length > known.length) best.set(line.name, { line, length })
  }
  return [...best.values()].map(({ line }) => line)
}

// Small pictures, drawn once and kept: symbols, labels, fill patterns.

/**
 * Draw on a canvas of its own, sharp on this screen.
 * @param {number} width  CSS pixels
 * @param {number} height  CSS pixels
 * @param {number} pixelRatio
 * @param {(context: CanvasRenderingContext2D) => void} draw  origin at the top left, unit the CSS pixel
 * @returns {HTMLCanvasElement}
 */
export function picture(width, height, pixelRatio, draw) {
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(width * pixelRatio)
  canvas.height = Math.ceil(height * pixelRatio)
  const context = canvas.getContext('2d')
  context.scale(pixelRatio, pixelRatio)
  draw(context)
  return canvas
}

/**
 * Keep what was made under a name, and forget the oldest beyond a limit.
 * @template T
 * @param {number} limit
 * @returns {(key: string, make: () => T) => T}
 */
export function keepsake(limit) {
  const kept = new Map()
  return (key, make) => {
    let one = kept.get(key)
    if (one === undefined) {
      if (kept.size >= limit) kept.delete(kept.keys().next().value)
      one = make()
      kept.set(key, one)
    }
    return one
  }
}

const shared = document.createElement('canvas').getContext('2d')

/** @param {string} font @param {string} text @returns {number} width in CSS pixels */
export function textWidth(font, text) {
  shared.font = font
  return shared.measureText(text).width
}

/**
 * A fill that repeats. Its period divides 512 device pixels, so that it runs on from tile to tile.
 * @param {number} period  CSS pixels, a power of two
 * @param {number} pixelRatio
 * @param {(context: CanvasRenderingContext2D, period: number) => void} draw
 * @returns {CanvasPattern}
 */
export function pattern(period, pixelRatio, draw) {
  // Whole device pixels, or the joints would show as lines.
  const side = 2 ** Math.round(Math.log2(period * pixelRatio))
  const tile = picture(side, side, 1, (context) => {
    context.scale(side / period, side / period)
    draw(context, period)
  })
  return shared.createPattern(tile, 'repeat')
}

/**
 * Diagonal lines, 45 degrees.
 * @param {string} colour
 * @param {number} width  CSS pixels
 * @param {{period?: number, background?: string, pixelRatio: number}} options
 */
export function hatch(colour, width, { period = 8, background, pixelRatio }) {
  return pattern(period, pixelRatio, (context, side) => {
    if (background) {
      context.fillStyle = background
      context.fillRect(0, 0, side, side)
    }
    context.strokeStyle = colour
    context.lineWidth = width
    context.beginPath()
    for (const shift of [-side, 0, side]) {
      context.moveTo(shift - 1, side + 1)
      context.lineTo(shift + side + 1, -1)
    }
    context.stroke()
  })
}

/** Dots in quincunx. @param {string} colour @param {{period?: number, background?: string, pixelRatio: number}} options */
export function dots(colour, { period = 8, background, pixelRatio }) {
  return pattern(period, pixelRatio, (context, side) => {
    if (background) {
      context.fillStyle = background
      context.fillRect(0, 0, side, side)
    }
    context.fillStyle = colour
    for (const at of [side / 4, (3 * side) / 4]) {
      context.beginPath()
      context.arc(at, at, 0.7, 0, 2 * Math.PI)
      context.fill()
    }
  })
}

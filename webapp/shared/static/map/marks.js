// Everything that has a size on the screen and not on the ground: names, numbers, symbols, tags.
// Where each stands is worked out when tiles have come or the zoom has changed; a frame only draws the pictures, so a
// hand that drags the map is followed without a graphics card.

/**
 * @typedef {object} Mark
 * @property {number} x  EPSG:3857
 * @property {number} y  EPSG:3857
 * @property {HTMLCanvasElement} canvas  drawn centred on the point
 * @property {number} [lift]  CSS pixels above the point
 * @property {number[]} [lifts]  other lifts to try, in this order, where something stands in the way
 * @property {boolean} [solid]  always drawn; others give way to it
 * @property {number[][]} [boxes]  CSS pixels around the point: left, top, right, bottom; the picture's own unless given
 */

const CELL = 64
const PADDING = 2

/**
 * Leave out what would cover something firmer.
 * @param {Mark[][]} groups  firmest group first, and in a group the firmest mark first
 * @param {number} resolution  EPSG:3857 metres a pixel
 * @param {number} pixelRatio
 * @returns {Mark[]}  in drawing order, the firmest last and so on top
 */
export function settle(groups, resolution, pixelRatio) {
  const taken = new Map()
  const kept = []
  for (const mark of groups.flat()) {
    const found = firstFree(taken, mark, resolution, pixelRatio)
    if (found === undefined) continue
    for (const box of found.boxes) take(taken, box)
    kept.push(found.mark)
  }
  return kept.reverse()
}

function firstFree(taken, mark, resolution, pixelRatio) {
  for (const lift of [mark.lift ?? 0, ...(mark.lifts ?? [])]) {
    const tried = { ...mark, lift }
    const boxes = boxesOf(tried, resolution, pixelRatio)
    if (mark.solid || !boxes.some((box) => meets(taken, box))) return { mark: tried, boxes }
  }
  return undefined
}

function boxesOf(mark, resolution, pixelRatio) {
  const [x, y] = [mark.x / resolution, -mark.y / resolution - mark.lift]
  const [halfWidth, halfHeight] = [mark.canvas.width / pixelRatio / 2, mark.canvas.height / pixelRatio / 2]
  const own = mark.boxes ?? [[-halfWidth, -halfHeight, halfWidth, halfHeight]]
  return own.map(([left, top, right, bottom]) => [x + left, y + top, x + right, y + bottom])
}

function cellsOf([left, top, right, bottom], visit) {
  for (let column = Math.floor(left / CELL); column <= Math.floor(right / CELL); column += 1) {
    for (let row = Math.floor(top / CELL); row <= Math.floor(bottom / CELL); row += 1) {
      // Two 26-bit numbers in one key: a string would cost more than the comparison.
      if (visit((column + 2 ** 25) * 2 ** 26 + row + 2 ** 25)) return true
    }
  }
  return false
}

function meets(taken, [left, top, right, bottom]) {
  const wide = [left - PADDING, top - PADDING, right + PADDING, bottom + PADDING]
  return cellsOf(wide, (key) =>
    (taken.get(key) ?? []).some((other) => other[0] < wide[2] && other[2] > wide[0] && other[1] < wide[3] && other[3] > wide[1]))
}

function take(taken, box) {
  cellsOf(box, (key) => {
    const there = taken.get(key)
    if (there) there.push(box)
    else taken.set(key, [box])
    return false
  })
}

/**
 * Where a frame looks, as drawing here wants it.
 * @param {{viewState: {center: number[], resolution: number}, size: number[], pixelRatio: number}} frameState
 */
export const frameOf = ({ viewState, size, pixelRatio }) => ({ centre: viewState.center, resolution: viewState.resolution, size, pixelRatio })

/**
 * Draw marks onto the map.
 * @param {CanvasRenderingContext2D} context  in device pixels
 * @param {Mark[]} marks  in drawing order
 * @param {{centre: number[], resolution: number, size: number[], pixelRatio: number}} frame  size in CSS pixels
 */
export function drawMarks(context, marks, { centre, resolution, size, pixelRatio }) {
  const scale = pixelRatio / resolution
  const [width, height] = [size[0] * pixelRatio, size[1] * pixelRatio]
  context.save()
  context.setTransform(1, 0, 0, 1, 0, 0)
  for (const { x, y, canvas, lift = 0 } of marks) {
    // Whole pixels: a picture between two pixels would be blurred, and slow.
    const left = Math.round((x - centre[0]) * scale + width / 2 - canvas.width / 2)
    const top = Math.round((centre[1] - y) * scale + height / 2 - canvas.height / 2 - lift * pixelRatio)
    if (left > width || top > height || left + canvas.width < 0 || top + canvas.height < 0) continue
    context.drawImage(canvas, left, top)
  }
  context.restore()
}

/**
 * Begin a path of lines or rings on the map; the caller fills or strokes it and restores the context.
 * @param {CanvasRenderingContext2D} context  in device pixels
 * @param {number[][]} lines  flat, EPSG:3857
 * @param {{centre: number[], resolution: number, size: number[], pixelRatio: number}} frame
 */
export function tracePath(context, lines, { centre, resolution, size, pixelRatio }) {
  const scale = pixelRatio / resolution
  const [left, top] = [(size[0] * pixelRatio) / 2 - centre[0] * scale, (size[1] * pixelRatio) / 2 + centre[1] * scale]
  context.save()
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.beginPath()
  for (const line of lines) {
    for (let at = 0; at < line.length; at += 2) {
      const [x, y] = [left + line[at] * scale, top - line[at + 1] * scale]
      if (at === 0) context.moveTo(x, y)
      else context.lineTo(x, y)
    }
  }
}

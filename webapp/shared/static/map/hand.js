// A hand on the map that draws: mouse, finger or pen. What it takes, the map itself does not hear of.

/** So far a press may stray, CSS pixels, and still be a tap. */
const STRAY_PX = { mouse: 4, touch: 10 }
/** Who holds still for so long means this very place. */
const HOLD_MS = 450
/** Reach around a corner or a line, CSS pixels. */
export const REACH_PX = { mouse: 11, touch: 24 }

/**
 * @typedef {{ xy: number[], pixel: number[], reach: number, touch: boolean, shift: boolean, alt: boolean }} Touch
 *   `xy`: EPSG:3857; `reach`: in its metres
 * @typedef {object} Ears
 * @property {(at: Touch) => boolean} [down]  true takes the press away from the map, and drags
 * @property {(at: Touch) => void} [move]  of a press that was taken
 * @property {(at: Touch) => void} [up]
 * @property {(at: Touch) => void} [tap]  a press that went nowhere
 * @property {(at: Touch) => boolean} [hold]  a finger that held still; true takes the press from here on
 * @property {(at: Touch) => void} [hover]
 * @property {() => void} [cancel]
 */

/**
 * @param {HTMLElement} element  the map's
 * @param {(pixel: number[]) => { xy: number[], metresPerPx: number }} placeOf
 * @param {Ears} ears
 * @returns {() => void} stop
 */
export function takeHand(element, placeOf, ears) {
  let press = null
  let holding
  const fingers = new Set()

  const at = (event) => {
    const { left, top } = element.getBoundingClientRect()
    const pixel = [event.clientX - left, event.clientY - top]
    const { xy, metresPerPx } = placeOf(pixel)
    const touch = event.pointerType === 'touch'
    return { xy, pixel, reach: REACH_PX[touch ? 'touch' : 'mouse'] * metresPerPx, touch, shift: event.shiftKey, alt: event.altKey }
  }
  const take = (event) => {
    press.taken = true
    element.setPointerCapture(event.pointerId)
  }
  /** The map has heard of this press already, and must not wait for its end. */
  const takeBack = (event) => {
    take(event)
    event.target.dispatchEvent(new PointerEvent('pointercancel', { pointerId: event.pointerId, pointerType: event.pointerType, bubbles: true }))
  }
  const drop = () => {
    clearTimeout(holding)
    if (press?.taken) ears.cancel?.()
    press = null
  }
  const down = (event) => {
    fingers.add(event.pointerId)
    // A second finger zooms: what the first one held goes back.
    if (fingers.size > 1) return drop()
    if (event.button !== 0) return
    const where = at(event)
    press = { from: where.pixel, taken: false, moved: false }
    if (ears.down?.(where)) take(event)
    else if (where.touch && ears.hold) holding = setTimeout(() => press && !press.moved && ears.hold(where) && takeBack(event), HOLD_MS)
    // The pan keeps a press that is not ours; the keys belong to the map from here on.
    element.focus({ preventScroll: true })
    if (press.taken) stop(event)
  }
  const move = (event) => {
    if (!press) {
      if (!fingers.size) ears.hover?.(at(event))
      return
    }
    const where = at(event)
    const stray = STRAY_PX[where.touch ? 'touch' : 'mouse']
    press.moved ||= Math.hypot(where.pixel[0] - press.from[0], where.pixel[1] - press.from[1]) > stray
    if (!press.taken) return
    stop(event)
    if (press.moved) ears.move?.(where)
  }
  const up = (event) => {
    fingers.delete(event.pointerId)
    clearTimeout(holding)
    if (!press) return
    const { taken, moved } = press
    press = null
    if (taken) stop(event)
    if (taken && moved) ears.up?.(at(event))
    else if (taken) ears.cancel?.()
    if (!moved) ears.tap?.(at(event))
  }
  const cancel = (event) => {
    if (!event.isTrusted) return
    fingers.delete(event.pointerId)
    drop()
  }
  const hear = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: cancel }
  for (const [name, listener] of Object.entries(hear)) element.addEventListener(name, listener, { capture: true })
  return () => {
    clearTimeout(holding)
    for (const [name, listener] of Object.entries(hear)) element.removeEventListener(name, listener, { capture: true })
  }
}

function stop(event) {
  event.stopPropagation()
  event.preventDefault()
}

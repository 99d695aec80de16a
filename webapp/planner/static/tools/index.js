/** The tools by their names; a tool is started, and gives what stops it and what the keys mean to it. */
import { startCarve } from './carve.js'
import { startHandOver } from './hand-over.js'
import { startLook } from './look.js'
import { startMerge } from './merge.js'
import { startMove } from './move.js'
import { startRename } from './rename.js'
import { startReshape } from './reshape.js'
import { startSplit } from './split.js'
import { startStraighten } from './straighten.js'

const STARTS = {
  look: startLook,
  move: startMove,
  split: startSplit,
  merge: startMerge,
  'hand-over': startHandOver,
  carve: startCarve,
  straighten: startStraighten,
  reshape: startReshape,
  rename: startRename,
}

/**
 * @typedef {object} Running
 * @property {() => void} stop
 * @property {() => void} [renew]  shapes or the selection are others now
 * @property {(name: string, shift: boolean) => boolean} [press]  a key; true when it meant something
 */

/** @param {string} name @param {object} desk @returns {Running} */
export function startTool(name, desk) {
  let live = true
  const own = (thing, names) => ({
    ...thing,
    ...Object.fromEntries(names.map((one) => [one, (...given) => (live ? thing[one](...given) : undefined)])),
  })
  // An answer may come when another tool is in hand already: then it draws nothing, and offers nothing.
  const { sketch, store } = desk
  const running = STARTS[name]({ ...desk, sketch: own(sketch, ['set', 'clear', 'tell']), store: { ...store, actions: own(store.actions, ['offer']) } })
  return {
    ...running,
    stop() {
      live = false
      running.stop()
      sketch.clear()
      store.actions.offer([], null)
    },
  }
}

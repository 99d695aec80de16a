/** Move: corners and edges of a border are drawn elsewhere, and every grid that has them follows. */
import { t } from '../../shared/i18n.js'
import { unproject } from '../../shared/map/scale.js'
import { figure } from '../../shared/words.js'
import { away, grip, stretchesOf } from '../borders.js'
import { changeOf, editOf, goneOf } from '../grabbing.js'
import { linesOf, reckon, redrawn } from '../preview.js'
import { joined } from '../shapes.js'
import { stretchesAround } from './straighten.js'

/** Keys that come one after the other are one edit. */
const PAUSE_MS = 600
const DIRECTIONS = { left: [-1, 0], right: [1, 0], up: [0, 1], down: [0, -1] }
const STEP_M = { small: 1, large: 10 }
/** The server puts corners on its lattice: so near, it is the same corner; EPSG:3857 metres. */
const SAME_M = 0.1

export function startMove(desk) {
  const { store, source, things, sketch } = desk
  const { actions } = store
  let stretches = []
  let grab = null
  let chosen = null
  let nudge = null
  let sending = false

  const handles = () => {
    const shown = new Map()
    for (const stretch of stretches) {
      for (const { key, xy, stays } of stretch.corners) shown.set(key, { xy, kind: stays ? 'stays' : 'corner', chosen: key === chosen?.key })
      stretch.corners.slice(1).forEach((corner, at) => {
        const before = stretch.corners[at]
        if (away(before.xy, corner.xy) > desk.reach(44)) shown.set(`${before.key} ${corner.key}`, { xy: between(before.xy, corner.xy), kind: 'middle' })
      })
    }
    return [...shown.values()]
  }
  const lines = () => stretches.map(({ corners }) => corners.flatMap(({ xy }) => xy))
  const rest = () => {
    sketch.clear()
    sketch.set({ fresh: lines(), handles: handles() })
  }
  const preview = (spot, pixel) => {
    const change = changeOf(grab, spot.xy)
    const box = joined([...source.near([...grab.xy, ...grab.xy], 1), ...grab.stretch.between.map((id) => source.get(id))].map((shape) => shape.box))
    const changed = redrawn(source.near(box), change)
    const { moved, cut, households, total } = reckon(changed, things.buildings())
    const { fresh, gone } = linesOf(changed)
    const moving = [...change.moves.values(), ...change.inserts.flatMap(({ through }) => through)].map((xy) => ({ xy, kind: 'corner', chosen: true }))
    const still = handles().filter(({ kind, xy }) => kind === 'stays' && !moving.some((one) => away(one.xy, xy) < SAME_M))
    sketch.set({ strips: changed, fresh, old: gone, moved, cut, gains: households, handles: [...still, ...moving], spot: spot.what ? spot.xy : null })
    const far = figure(Math.round(desk.metres(grab.start, spot.xy) * 10) / 10)
    sketch.tell(t('%(n)s m', { n: far }), [total ? t('%(n)s households', { n: figure(total) }) : null, spot.what].filter(Boolean).join(' · '), pixel)
  }
  const commit = async (spot) => {
    const held = grab
    grab = null
    sending = true
    const { op, args, corner } = editOf(held, spot)
    const done = await actions.edit(op, args)
    sending = false
    chosen = done && corner ? nearestCorner(spot.xy) : null
    renew()
  }
  const nearestCorner = (xy) => {
    look()
    return stretches.flatMap(({ corners }) => corners).find((corner) => away(corner.xy, xy) < SAME_M) ?? null
  }
  const look = () => {
    const ids = store.get().selection.filter((id) => source.get(id))
    const known = ids.length ? source.near(joined(ids.map((id) => source.get(id).box)), 1) : []
    const common = stretchesOf(known, (grids) => grids.every((id) => ids.includes(id)))
    stretches = common.length ? common : stretchesOf(known, (grids) => grids.some((id) => ids.includes(id)))
  }
  const renew = () => {
    if (grab || sending) return
    look()
    if (chosen && !stretches.some(({ corners }) => corners.some(({ key }) => key === chosen.key))) chosen = null
    rest()
    actions.offer([], stretches.length ? t('Draw a corner, a dot between two, or the border itself. Arrows move the chosen corner.') : t('Click a border, or a grid.'))
  }
  const giveUp = () => {
    clearTimeout(nudge?.timer)
    grab = null
    nudge = null
    rest()
  }
  const begin = (found, xy) => {
    grab = { ...found, start: found.kind === 'edge' ? xy : found.xy }
    chosen = found.kind === 'corner' ? found.stretch.corners[found.at] : null
  }
  const leaving = () => new Set(grab.kind === 'corner' ? [grab.stretch.corners[grab.at].key] : [])
  const spotAt = ({ xy, reach, alt }) => (alt ? { xy, lonlat: unproject(xy), what: null } : desk.snap(xy, reach, leaving()))

  const step = (direction, shift) => {
    const found = stretches.map((stretch) => ({ stretch, at: stretch.corners.findIndex(({ key }) => key === chosen.key) })).find(({ at }) => at >= 0)
    if (!found || sending) return
    if (!nudge) {
      begin({ kind: 'corner', ...found, xy: chosen.xy }, chosen.xy)
      nudge = { xy: chosen.xy }
    }
    const m = STEP_M[shift ? 'large' : 'small'] * desk.stretch
    nudge.xy = [nudge.xy[0] + DIRECTIONS[direction][0] * m, nudge.xy[1] + DIRECTIONS[direction][1] * m]
    preview({ xy: nudge.xy, what: null }, desk.pixelOf(nudge.xy))
    clearTimeout(nudge.timer)
    nudge.timer = setTimeout(settle, PAUSE_MS)
  }
  const settle = () => {
    clearTimeout(nudge.timer)
    const { xy } = nudge
    nudge = null
    commit({ xy, lonlat: unproject(xy), what: null })
  }
  const remove = () => {
    const edit = chosen && goneOf(stretches, chosen)
    if (!edit) return actions.refuse(t('This corner ends a border: it can be moved, and not be left out.'), chosen ? [chosen.lonlat] : [])
    chosen = null
    return actions.edit('reshape', edit)
  }
  const walk = (by) => {
    const all = [...new Map(stretches.flatMap(({ corners }) => corners).map((corner) => [corner.key, corner])).values()]
    if (!all.length) return
    const at = all.findIndex(({ key }) => key === chosen?.key)
    chosen = all[(at + by + all.length) % all.length]
    rest()
  }
  const choose = ({ xy, reach }) => {
    const found = grip(stretches, xy, reach)
    if (found?.kind === 'corner') {
      chosen = found.stretch.corners[found.at]
      return rest()
    }
    chosen = null
    const border = grip(stretchesAround(source, xy, reach), xy, reach)
    const shape = source.at(xy)
    return actions.choose(border ? border.stretch.between : shape ? [shape.id] : [])
  }
  const stop = desk.hand({
    down({ xy, reach }) {
      const found = sending ? null : grip(stretches, xy, reach)
      if (found) begin(found, xy)
      return Boolean(found)
    },
    hold({ xy, reach }) {
      const found = sending ? null : grip(stretchesAround(source, xy, reach), xy, 1.5 * reach)
      if (!found) return false
      actions.choose(found.stretch.between)
      begin(found, xy)
      preview({ xy: grab.start, what: null }, desk.pixelOf(grab.start))
      return true
    },
    // Escape may have taken it out of the hand.
    move: (at) => grab && preview(spotAt(at), at.pixel),
    up: (at) => grab && commit(spotAt(at)),
    cancel: giveUp,
    tap: choose,
    hover({ xy, reach }) {
      if (nudge) return
      desk.map.element.style.cursor = grip(stretches, xy, reach) ? 'grab' : ''
    },
  })
  renew()
  return {
    stop() {
      clearTimeout(nudge?.timer)
      desk.map.element.style.cursor = ''
      stop()
    },
    renew,
    press(name, shift) {
      if (name in DIRECTIONS && chosen) step(name, shift)
      else if (name === 'next corner') walk(1)
      else if (name === 'corner before') walk(-1)
      else if (name === 'leave out' && chosen) remove()
      else if (name === 'done' && nudge) settle()
      else if (name === 'point') choose({ xy: desk.middle(), reach: desk.reach(11) })
      else if (name === 'back' && (nudge || grab)) giveUp()
      else if (name === 'back' && (chosen || store.get().selection.length)) {
        chosen = null
        actions.choose([])
        rest()
      } else return false
      return true
    },
  }
}

const between = ([x0, y0], [x1, y1]) => [(x0 + x1) / 2, (y0 + y1) / 2]

/** Drawing a line or a ring point by point: by mouse, finger or keys, each point drawn to what is near. */
import { t } from '../../shared/i18n.js'
import { figure } from '../../shared/words.js'
import { REACH_PX } from '../../shared/map/hand.js'

/**
 * @param {object} desk
 * @param {object} options
 * @param {boolean} [options.closed]  a ring
 * @param {(line: number[][], points: object[]) => void} options.onDone  the line in degrees, and its points as they were drawn
 * @param {(points: object[]) => object} [options.drawing]  what else is drawn with it
 * @param {() => { buttons: object[], hint: string|null }} options.offers  what the tool offers while nothing is drawn
 * @param {(at: object) => boolean} [options.onTap]  true: the tap meant something else
 * @param {(at: object) => object|null} [options.onHover]  what is drawn in the place of the next point
 */
export function drawLine(desk, { closed = false, onDone, drawing = () => ({}), offers, onTap = () => false, onHover = () => null }) {
  const { sketch, store } = desk
  const { actions } = store
  let points = []
  let next = null

  const offer = () => {
    if (!points.length) {
      const { buttons, hint } = offers()
      return actions.offer(buttons, hint)
    }
    const least = closed ? 3 : 2
    actions.offer(
      [
        { key: 'done', word: t('Finish the line'), primary: true, disabled: points.length < least, run: finish },
        { key: 'less', word: t('Take a point back'), icon: 'undo', run: less },
        { key: 'none', word: t('Give up'), icon: 'close', run: clear },
      ],
      closed ? t('Click corner after corner; the last one twice, or Enter, ends it.') : t('Click on; the last point twice, or Enter, ends the line.'),
    )
  }
  const draw = () => {
    const flat = [...points, ...(next ? [next] : [])].flatMap(({ xy }) => xy)
    if (closed && points.length > 1) flat.push(...points[0].xy)
    const handles = points.map(({ xy }, at) => ({ xy, kind: at ? 'corner' : 'stays' }))
    sketch.set({ ...drawing(points), fresh: flat.length > 2 ? [flat] : [], handles, spot: next?.what ? next.xy : null })
  }
  const clear = () => {
    points = []
    next = null
    sketch.clear()
    offer()
  }
  const less = () => {
    points = points.slice(0, -1)
    draw()
    offer()
  }
  const finish = async () => {
    if (points.length < (closed ? 3 : 2)) return
    const line = points.map(({ lonlat }) => lonlat)
    next = null
    draw()
    await onDone(closed ? [...line, line[0]] : line, points)
    clear()
  }
  const put = (xy, reach) => {
    const spot = desk.snap(xy, reach)
    const same = (other) => other && desk.metres(other.xy, spot.xy) * desk.stretch < reach / 2
    if (same(points[points.length - 1]) || (closed && points.length > 2 && same(points[0]))) return finish()
    points = [...points, spot]
    next = null
    draw()
    offer()
    return undefined
  }
  const stop = desk.hand({
    tap(at) {
      if (!points.length && onTap(at)) return
      put(at.xy, at.reach)
    },
    hover({ xy, reach, pixel }) {
      const instead = points.length ? null : onHover({ xy, reach })
      if (instead) return sketch.set(instead)
      next = desk.snap(xy, reach)
      draw()
      const last = points[points.length - 1]
      const length = last ? t('%(n)s m', { n: figure(Math.round(desk.metres(last.xy, next.xy) * 10) / 10) }) : null
      sketch.tell(length ?? next.what, length ? next.what : null, pixel)
      return undefined
    },
  })
  offer()
  return {
    stop,
    renew: offer,
    drawn: () => points.length,
    press(name) {
      const middle = desk.middle()
      if (name === 'point') {
        const at = { xy: middle, reach: desk.reach(REACH_PX.mouse), touch: false }
        if (points.length || !onTap(at)) put(at.xy, at.reach)
      } else if (name === 'done' && points.length) finish()
      else if (name === 'less' && points.length) less()
      else if (name === 'back' && points.length) clear()
      else return false
      return true
    },
  }
}

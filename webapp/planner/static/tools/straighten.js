/** Straighten: a click on a border leaves out the corners that it does not need. */
import { t } from '../../shared/i18n.js'
import { REACH_PX } from '../../shared/map/hand.js'
import { unproject } from '../../shared/map/scale.js'
import { grip, stretchesOf } from '../borders.js'
import { around } from '../shapes.js'

const TOLERANCES_M = [2, 5, 10, 20]

export function startStraighten(desk) {
  const { store, source, sketch } = desk
  const { actions } = store
  let tolerance = TOLERANCES_M[1]

  const offer = () =>
    actions.offer(
      TOLERANCES_M.map((m) => ({ key: `m${m}`, word: t('%(n)s m', { n: m }), pressed: m === tolerance, run: () => allow(m) })),
      t('Click a border. Corners that stand off it by no more than this are left out.'),
    )
  const allow = (m) => {
    tolerance = m
    offer()
  }
  const under = ({ xy, reach }) => grip(stretchesAround(source, xy, reach), xy, 1.6 * reach)?.stretch
  const straighten = async (at) => {
    const stretch = under(at)
    if (!stretch) return actions.refuse(t('There is no border here. Click one between two grids.'), [unproject(at.xy)])
    await actions.edit('straighten', { between: stretch.between, tolerance_m: tolerance })
    return sketch.clear()
  }
  offer()
  return {
    stop: desk.hand({
      tap: straighten,
      hover(at) {
        const stretch = under(at)
        const handles = stretch?.corners.map(({ xy, stays }) => ({ xy, kind: stays ? 'stays' : 'corner' })) ?? []
        sketch.set(stretch ? { hinted: [stretch.corners.flatMap(({ xy }) => xy)], handles } : {})
      },
    }),
    renew: offer,
    press(name) {
      if (name !== 'point') return false
      straighten({ xy: desk.middle(), reach: desk.reach(REACH_PX.mouse) })
      return true
    },
  }
}

/** The stretches of border near a place, with whatever else meets them. */
export function stretchesAround(source, xy, reach) {
  const here = source.near(around(xy, reach), reach)
  const ids = new Set(here.map(({ id }) => id))
  const known = new Map(here.flatMap((shape) => source.near(shape.box, 1)).map((shape) => [shape.id, shape]))
  return stretchesOf([...known.values()], (grids) => grids.every((id) => ids.has(id)))
}

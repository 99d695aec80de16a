/** Reshape: draw a stretch of a border anew, from where it leaves the old one to where it comes back. */
import { t } from '../../shared/i18n.js'
import { stretchesOf } from '../borders.js'
import { around, meet, onSegment } from '../shapes.js'
import { drawLine } from './line-drawing.js'

export function startReshape(desk) {
  const { source, store } = desk
  return drawLine(desk, {
    offers: () => ({ buttons: [], hint: t('Begin on a border, draw its new way, and end on it again.') }),
    onDone(line, points) {
      const between = bordered(source, points.map(({ xy }) => xy), desk.reach(14))
      return store.actions.edit('reshape', between ? { line, between } : { line })
    },
  })
}

/** The two grids on whose border the line begins and ends; undefined where that is not sure. */
function bordered(source, points, reach) {
  const ends = [points[0], points[points.length - 1]]
  const shapes = source.near(around(ends[0], reach))
  const wide = shapes.flatMap((shape) => source.near(shape.box))
  const known = [...new Map(wide.map((shape) => [shape.id, shape])).values()]
  const near = stretchesOf(known).filter(({ corners }) =>
    ends.every((end) => corners.some((corner, at) => at + 1 < corners.length && meet(around(corner.xy, 1e5), around(end, 0)) && onSegment(corner.xy, corners[at + 1].xy, end).distance < reach)),
  )
  return near.length === 1 ? near[0].between : undefined
}

/** Split: a drawn line, or one that a street lends, divides a grid. */
import { t } from '../../shared/i18n.js'
import { unproject } from '../../shared/map/scale.js'
import { newId } from '../new-id.js'
import { isCut } from '../preview.js'
import { streetThrough } from '../street-line.js'
import { drawLine } from './line-drawing.js'

export function startSplit(desk) {
  const { store, source, things, sketch } = desk
  const { actions } = store
  let along = false

  const split = (grid, line) => actions.edit('split', { grid, line, new: [newId()] }).then((done) => done && actions.choose([grid]))
  const toggle = () => {
    along = !along
    sketch.clear()
    drawn.renew()
  }
  /** The street under the hand, as far as it runs through the grid there. */
  const lent = ({ xy, reach }) => {
    const street = along && things.streetAt(xy, 1.5 * reach)
    const shape = street && source.at(xy)
    const line = shape && streetThrough(street, things.streets(), shape, xy)
    return line ? { shape, line } : null
  }
  const drawn = drawLine(desk, {
    offers: () => ({
      buttons: [{ key: 'along', word: t('Along a street'), icon: 'street', pressed: along, run: toggle }],
      hint: along ? t('Click a street: its line divides the grid.') : t('Draw a line from border to border of the grid.'),
    }),
    drawing: (points) => ({ cut: cutBy(things.buildings(), points.map(({ xy }) => xy)) }),
    onHover(at) {
      const found = lent(at)
      return found ? { fresh: [found.line.flat()], hinted: found.shape.flat } : along ? {} : null
    },
    onTap(at) {
      if (!along) return false
      const found = lent(at)
      if (found) split(found.shape.id, found.line.map(unproject)).then(() => sketch.clear())
      else actions.refuse(t('There is no street here. Click one that runs through the grid.'), [unproject(at.xy)])
      return true
    },
    onDone(line, points) {
      const grid = crossed(source, store.get().selection, points.map(({ xy }) => xy))
      if (!grid) return actions.refuse(t('The line runs through no grid. Draw it from border to border of one.'), [line[0]])
      return split(grid, line)
    },
  })
  return {
    ...drawn,
    press(name, shift) {
      if (name === 'along') toggle()
      else return drawn.press(name, shift)
      return true
    },
  }
}

const SAMPLES = 40

/** The grid that most of the line runs through; of two alike the chosen one. */
function crossed(source, selection, points) {
  const counts = new Map()
  for (let at = 0; at + 1 < points.length; at += 1) {
    const [[x0, y0], [x1, y1]] = [points[at], points[at + 1]]
    const length = Math.hypot(x1 - x0, y1 - y0)
    for (let n = 0; n < SAMPLES; n += 1) {
      const share = (n + 0.5) / SAMPLES
      const shape = source.at([x0 + share * (x1 - x0), y0 + share * (y1 - y0)])
      if (shape) counts.set(shape.id, (counts.get(shape.id) ?? 0) + length * (selection.includes(shape.id) ? 1.001 : 1))
    }
  }
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0]
}

function cutBy(buildings, points) {
  const lines = points.slice(1).map((point, at) => [points[at], point])
  return lines.length ? buildings.filter((building) => isCut(building, lines)) : []
}

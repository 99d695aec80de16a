/** Carve out: draw the ground of an institution, or take its own or its block; the site there owns the new grid. */
import { t } from '../../shared/i18n.js'
import { project, unproject } from '../../shared/map/scale.js'
import { newId } from '../new-id.js'
import { pieceAt } from '../piece.js'
import { within } from '../shapes.js'
import { drawLine } from './line-drawing.js'

const WHATS = ['site', 'block', 'line']
const MOST_OWNERS = 6

export function startCarve(desk) {
  const { map, things, store, sketch } = desk
  const { actions } = store
  let what = WHATS[0]
  /** The ring whose owner is being chosen, EPSG:3857, and the institution that it was taken from. */
  let taken = null
  map.setLayers({ sites: true })

  const offers = () => {
    if (taken) return askOwner()
    const words = { site: t('Institution'), block: t('Block'), line: t('Draw') }
    const hints = {
      site: t('Click the ground of the institution.'),
      block: t('Click the block that becomes a dedicated grid.'),
      line: t('Draw the border of the dedicated grid.'),
    }
    return { buttons: WHATS.map((name) => ({ key: name, word: words[name], pressed: name === what, run: () => change(name) })), hint: hints[what] }
  }
  const askOwner = () => {
    const flat = taken.ring.flat()
    const inside = things.institutions().filter(({ inner }) => within([flat], inner))
    const owners = taken.site ? [taken.site] : inside.slice(0, MOST_OWNERS)
    const buttons = owners.map(({ id, name }) => ({ key: id, word: name, primary: owners.length === 1, run: () => carve(id) }))
    const none = { key: 'none', word: t('Give up'), icon: 'close', run: letGo }
    const hint = owners.length ? t('Whose grid is it?') : t('No site stands here that could own the grid. Draw around one, or enter the site first.')
    return { buttons: [...buttons, none], hint }
  }
  const letGo = () => {
    taken = null
    sketch.clear()
    drawn.renew()
  }
  const change = (name) => {
    what = name
    letGo()
  }
  const ask = (piece) => {
    taken = piece
    sketch.set({ piece: [piece.ring.flat()] })
    drawn.renew()
  }
  const carve = async (owner) => {
    const id = newId()
    const done = await actions.edit('carve_out', { new: id, owner, piece: taken.ring.map(unproject) })
    letGo()
    if (done) actions.choose([id])
  }
  const drawn = drawLine(desk, {
    closed: true,
    offers,
    onHover({ xy }) {
      if (taken) return { piece: [taken.ring.flat()] }
      if (what === 'line') return null
      const piece = pieceAt(what, desk, xy)
      return piece ? { piece: [piece.ring.flat()] } : {}
    },
    onTap({ xy }) {
      if (taken) return true
      if (what === 'line') return false
      const piece = pieceAt(what, desk, xy)
      if (piece) ask(piece)
      else actions.refuse(t('There is nothing here to take. Click an institution or a block, or draw.'), [unproject(xy)])
      return true
    },
    // The drawing is cleared when this is done; the question of the owner comes after it.
    onDone: (line) => { setTimeout(ask, 0, { ring: line.map(([lon, lat]) => project(lon, lat)), site: null }) },
  })
  return {
    ...drawn,
    stop() {
      drawn.stop()
      map.setLayers({ sites: false })
    },
    press(name, shift) {
      if (name === 'back' && taken) letGo()
      else if (name === 'kind' && !taken && !drawn.drawn()) change(WHATS[(WHATS.indexOf(what) + 1) % WHATS.length])
      else if (name === 'done' && taken) askOwner().buttons.find(({ primary }) => primary)?.run()
      else return drawn.press(name, shift)
      return true
    },
  }
}

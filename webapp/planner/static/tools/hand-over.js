/** Hand over: click a block or a building, then the grid that receives it. */
import { t } from '../../shared/i18n.js'
import { unproject } from '../../shared/map/scale.js'
import { figure } from '../../shared/words.js'
import { housesIn, pieceAt, reachingTo } from '../piece.js'

const WHATS = ['block', 'building']

export function startHandOver(desk) {
  const { store, source, things, sketch } = desk
  const { actions } = store
  let what = WHATS[0]
  let taken = null

  const offer = () => {
    const words = { block: t('Block'), building: t('Building') }
    const kinds = WHATS.map((name) => ({ key: name, word: words[name], pressed: name === what, run: () => change(name) }))
    if (!taken) return actions.offer(kinds, what === 'block' ? t('Click the block that is to change hands.') : t('Click the building that is to change hands.'))
    return actions.offer([{ key: 'none', word: t('Give up'), icon: 'close', run: letGo }], t('Now click the grid that receives it.'))
  }
  const letGo = () => {
    taken = null
    sketch.clear()
    offer()
  }
  const change = (name) => {
    what = name
    letGo()
  }
  const ringFor = (receiver) => (receiver && receiver.id !== taken.grid ? reachingTo(taken, source.get(taken.grid), receiver) : taken.ring)
  const draw = (piece, receiver, pixel) => {
    const ring = taken ? ringFor(receiver) : piece.ring
    const moved = housesIn(ring, things.buildings())
    const households = moved.reduce((sum, house) => sum + house.households, 0)
    const other = taken && receiver && receiver.id !== taken.grid
    const gains = other ? new Map([[taken.grid, -households], [receiver.id, households]]) : new Map()
    sketch.set({ piece: [ring.flat()], moved, gains, hinted: other ? receiver.flat : [] })
    if (pixel) sketch.tell(t('%(n)s households', { n: figure(households) }), t('%(n)s buildings', { n: figure(moved.length) }), pixel)
  }
  const take = ({ xy, pixel }) => {
    taken = pieceAt(what, desk, xy)
    if (!taken) {
      const none = what === 'block' ? t('There is no block here. Click inside of a grid that streets divide.') : t('There is no building here. Go nearer and click one.')
      return actions.refuse(none, [unproject(xy)])
    }
    draw(taken, null, pixel)
    return offer()
  }
  const give = async ({ xy }) => {
    const receiver = source.at(xy)
    if (!receiver || receiver.id === taken.grid) return actions.refuse(t('Click another grid: this one has it already.'), [unproject(xy)])
    const args = { from: taken.grid, to: receiver.id, piece: ringFor(receiver).map(unproject) }
    const done = await actions.edit('hand_over', args)
    if (done) actions.choose([args.from, args.to])
    return letGo()
  }
  const tap = (at) => (taken ? give(at) : take(at))
  offer()
  return {
    stop: desk.hand({
      tap,
      hover({ xy, pixel }) {
        const piece = taken ?? pieceAt(what, desk, xy)
        if (piece) draw(piece, taken && source.at(xy), pixel)
        else sketch.clear()
      },
    }),
    renew: offer,
    press(name) {
      if (name === 'point') tap({ xy: desk.middle() })
      else if (name === 'back' && taken) letGo()
      else if (name === 'kind' && !taken) change(WHATS[1 - WHATS.indexOf(what)])
      else return false
      return true
    },
  }
}

/** Merge: click two or more grids that touch, then say so. */
import { t } from '../../shared/i18n.js'

export function startMerge({ store, source, hand, middle }) {
  const { actions } = store
  const chosen = () => store.get().selection
  const toggle = (xy) => {
    const shape = source.at(xy)
    if (!shape) return
    actions.choose(chosen().includes(shape.id) ? chosen().filter((id) => id !== shape.id) : [...chosen(), shape.id])
  }
  const merge = async () => {
    const done = await actions.edit('merge', { grids: chosen() })
    if (done) actions.choose(done.changed.filter(({ properties }) => properties.change !== 'same').map(({ id }) => String(id)).slice(0, 1))
  }
  const renew = () => {
    const n = chosen().length
    const button = { key: 'merge', word: t('Merge %(n)s grids', { n }), primary: true, disabled: n < 2, run: merge }
    actions.offer([button], n < 2 ? t('Click the grids that are to be one.') : null)
  }
  renew()
  return {
    stop: hand({ tap: ({ xy }) => toggle(xy) }),
    renew,
    press(name) {
      if (name === 'point') toggle(middle())
      else if (name === 'done' && chosen().length > 1) merge()
      else if (name === 'back') actions.choose([])
      else return false
      return true
    },
  }
}

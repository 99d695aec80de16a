/** Rename: click a grid, and write what it shall be called; its code stays. */
import { t } from '../../shared/i18n.js'

export function startRename({ store, source, hand, middle }) {
  const { actions } = store
  const chosen = () => {
    const { selection } = store.get()
    return selection.length === 1 ? source.get(selection[0]) : undefined
  }
  const choose = (xy) => {
    const shape = source.at(xy)
    actions.choose(shape ? [shape.id] : [])
  }
  const rename = async (grid, { name, name_en: english }) => {
    const done = await actions.edit('rename', { grid, name, ...(english && { name_en: english }) })
    if (done) actions.choose([])
    return Boolean(done)
  }
  let shown
  const renew = () => {
    const shape = chosen()
    const { name, name_en: english } = shape?.properties ?? {}
    const showing = shape && `${shape.id} ${name} ${english}`
    // The map is fetched and drawn again at any time; what is being written stays.
    if (showing === shown) return
    shown = showing
    actions.offer([], shape ? null : t('Click the grid that is to have another name.'), shape && {
      key: showing,
      title: t('Name of the grid'),
      fields: [
        { name: 'name', label: t('Name'), value: name, required: true },
        { name: 'name_en', label: t('English name'), value: english === name ? '' : english },
      ],
      word: t('Rename'),
      run: (values) => rename(shape.id, values),
      leave: () => actions.choose([]),
    })
  }
  shown = null
  renew()
  return {
    stop: hand({ tap: ({ xy }) => choose(xy) }),
    renew,
    press(name) {
      if (name === 'point') choose(middle())
      else if (name === 'back' && store.get().selection.length) actions.choose([])
      else return false
      return true
    },
  }
}

/** Look: a click chooses a grid, and nothing can be changed. */

export function startLook({ store, source, hand, middle }) {
  const choose = (xy) => {
    const shape = source.at(xy)
    store.actions.choose(shape ? [shape.id] : [])
  }
  return {
    stop: hand({ tap: ({ xy }) => choose(xy) }, { zooms: true }),
    press(name) {
      if (name === 'point') choose(middle())
      else if (name === 'back') store.actions.choose([])
      else return false
      return true
    },
  }
}

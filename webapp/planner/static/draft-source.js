/** The coverage of the open plan, as far as it was looked at: fetched by what is in view, brought up to date by each edit. */
import { unproject } from '../shared/map/scale.js'
import { around, meet, roomiest, shapeOf, within } from './shapes.js'

/** So much more than what is seen is fetched, on each side. */
const BEYOND = 0.5

/**
 * @param {object} api
 * @param {{ onChange: () => void, onProblem: (error: Error) => void }} ears
 */
export function createDraftSource(api, { onChange, onProblem }) {
  let plan = null
  let shapes = new Map()
  let before = new Map()
  let covered = []
  let asked = 0
  const rooms = new WeakMap()

  const put = (features) => {
    for (const feature of features) {
      const shape = shapeOf(feature)
      const old = shapes.get(shape.id)
      // What was as in force until now is what it was before.
      if (old?.properties.change === 'same' && shape.properties.change !== 'same') before.set(shape.id, old)
      if (shape.properties.change === 'same') before.delete(shape.id)
      shapes.set(shape.id, shape)
    }
  }
  const fetchInto = async (query) => {
    const turn = asked
    try {
      const found = await api.get(`/plans/${plan}/grids`, query)
      if (turn !== asked) return
      put(found.features)
      for (const feature of found.before ?? []) before.set(String(feature.id), shapeOf(feature))
      onChange()
    } catch (error) {
      if (error.status === undefined) throw error
      onProblem(error)
    }
  }
  const clear = () => {
    asked += 1
    shapes = new Map()
    before = new Map()
    covered = []
  }

  return {
    /** @param {string|null} id  of the plan that is open now */
    open(id) {
      plan = id
      clear()
      onChange()
      return id ? fetchInto({ changed: 1 }) : Promise.resolve()
    },
    /** Fetch what is in view and not there yet. @param {number[]} extent  EPSG:3857 */
    async see([west, south, east, north]) {
      if (!plan || covered.some((box) => box[0] <= west && box[1] <= south && box[2] >= east && box[3] >= north)) return
      const [dx, dy] = [(east - west) * BEYOND, (north - south) * BEYOND]
      const box = [west - dx, south - dy, east + dx, north + dy]
      covered.push(box)
      const bbox = [...unproject([box[0], box[1]]), ...unproject([box[2], box[3]])].map((degrees) => degrees.toFixed(6))
      await fetchInto({ bbox: bbox.join() })
    },
    /** Take over what an edit changed. @param {{ features: object[], gone: string[] }} drawn */
    take({ features, gone }) {
      const known = new Set(shapes.keys())
      for (const id of gone) {
        const old = shapes.get(id)
        if (old?.properties.change === 'same') before.set(id, old)
        shapes.delete(id)
      }
      put(features)
      onChange()
      // Somebody took an edit back from the list that lies where nobody has looked: how it was is not known here.
      const unknown = features.some(({ id, properties }) => properties.change === 'changed' && !before.has(String(id))) || gone.some((id) => !known.has(id))
      return unknown ? fetchInto({ changed: 1 }) : Promise.resolve()
    },
    get: (id) => shapes.get(id),
    all: () => [...shapes.values()],
    /** What differs from the coverage in force: the draft's shapes, and those they come from. */
    changed: () => [...shapes.values()].filter(({ properties }) => properties.change !== 'same'),
    before: () => [...before.values()],
    beforeOf: (id) => before.get(id),
    /** The shapes that meet a box, EPSG:3857. */
    near: (box, reach = 0) => [...shapes.values()].filter((shape) => meet(shape.box, box, reach)),
    at: (xy) => [...shapes.values()].find((shape) => meet(shape.box, around(xy, 0)) && within(shape.flat, xy)),
    /** Where the name of a shape stands; worked out once. */
    roomOf(shape) {
      if (!rooms.has(shape)) rooms.set(shape, roomiest(shape.flat, shape.box))
      return rooms.get(shape)
    },
    /** The box of grids by their ids, west to north in degrees, of what is known of them. */
    boundsOf(ids) {
      const boxes = ids.map((id) => shapes.get(id) ?? before.get(id)).filter(Boolean).map(({ box }) => box)
      if (!boxes.length) return null
      const lowest = [Math.min(...boxes.map(([x]) => x)), Math.min(...boxes.map(([, y]) => y))]
      const highest = [Math.max(...boxes.map(([, , x]) => x)), Math.max(...boxes.map(([, , , y]) => y))]
      return [...unproject(lowest), ...unproject(highest)]
    },
  }
}

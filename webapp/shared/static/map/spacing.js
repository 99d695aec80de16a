// A name stands in every tile that its street passes; this keeps equal names apart.

/**
 * Drop what stands too near to an earlier one of the same name.
 * @template T
 * @param {T[]} items
 * @param {{nameOf: (item: T) => string, placeOf: (item: T) => number[], apartOf: (item: T) => number}} rule
 * @returns {T[]}
 */
export function keepApart(items, { nameOf, placeOf, apartOf }) {
  const taken = new Map()
  return items.filter((item) => {
    const name = nameOf(item)
    const [x, y] = placeOf(item)
    const places = taken.get(name) ?? []
    if (places.some((place) => Math.hypot(place[0] - x, place[1] - y) < apartOf(item))) return false
    taken.set(name, [...places, [x, y]])
    return true
  })
}

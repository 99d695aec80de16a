// A name stands in every tile that its street passes; this keeps equal names apart.

export class Spacing {
  constructor() {
    this.taken = new Map()
  }

  /**
   * Whether a name may stand at a place; it then holds the place.
   * @param {string} name
   * @param {number[]} at  EPSG:3857
   * @param {number} apart  least distance to the same name, EPSG:3857 metres
   */
  allows(name, [x, y], apart) {
    const key = `${name}|${apart}`
    const places = this.taken.get(key) ?? []
    const known = places.some((place) => place[0] === x && place[1] === y)
    if (!known && places.some((place) => Math.hypot(place[0] - x, place[1] - y) < apart)) return false
    if (!known) places.push([x, y])
    this.taken.set(key, places)
    return true
  }
}

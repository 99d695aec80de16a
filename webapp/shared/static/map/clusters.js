// From afar symbols would cover each other: what overlaps is counted together, so that numbers still add up.

/**
 * @typedef {{at: number[], properties: object}} Thing  an incident, or a cluster with `n`, `s1` to `s4` and `overdue`
 */

/**
 * Join things that overlap into the largest of them.
 * @param {Thing[]} things
 * @param {number} resolution  EPSG:3857 metres a pixel
 * @param {(properties: object) => number} sizeOf  pixels across
 * @returns {Thing[]}
 */
export function joinOverlapping(things, resolution, sizeOf) {
  const widest = Math.max(0, ...things.map(({ properties }) => sizeOf(properties)))
  const cell = Math.max(widest, 1) * resolution
  const cells = new Map()
  const kept = []
  for (const thing of [...things].sort(byFirmness)) {
    const size = sizeOf(thing.properties)
    const [column, row] = thing.at.map((value) => Math.floor(value / cell))
    const host = around(cells, column, row).find((other) =>
      Math.hypot(other.at[0] - thing.at[0], other.at[1] - thing.at[1]) < ((other.size + size) / 2) * OVERLAP * resolution)
    if (host) {
      host.properties = together(host.properties, thing.properties)
      continue
    }
    const one = { ...thing, size }
    kept.push(one)
    const key = `${column},${row}`
    cells.set(key, [...(cells.get(key) ?? []), one])
  }
  return kept.map(({ at, properties }) => ({ at, properties }))
}

/** Two symbols may touch; they are joined when one hides this much of the other. */
const OVERLAP = 0.85

/** Large before small, grave before light, and then by id: the same things are always joined in the same way. */
function byFirmness({ properties: one }, { properties: other }) {
  return (other.n ?? 1) - (one.n ?? 1) || (one.severity ?? 0) - (other.severity ?? 0) || String(one.id).localeCompare(String(other.id))
}

function around(cells, column, row) {
  const found = []
  for (let x = column - 1; x <= column + 1; x += 1) {
    for (let y = row - 1; y <= row + 1; y += 1) found.push(...(cells.get(`${x},${y}`) ?? []))
  }
  return found
}

function together(one, other) {
  const [a, b] = [asCluster(one), asCluster(other)]
  return Object.fromEntries(Object.keys(a).map((name) => [name, a[name] + b[name]]))
}

function asCluster({ n, s1 = 0, s2 = 0, s3 = 0, s4 = 0, severity, overdue = 0 }) {
  if (n > 0) return { n, s1, s2, s3, s4, overdue: Number(overdue) }
  const of = (level) => (severity === level ? 1 : 0)
  return { n: 1, s1: of(1), s2: of(2), s3: of(3), s4: of(4), overdue: Number(overdue) }
}

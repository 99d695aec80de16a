// From the polygons of one tile to its border lines, each drawn once: two neighbours that both drew their side would
// fill the gaps of each other's dashes.

/** Neighbours were thinned out apart, so a corner of one may lie this far beside the straight side of the other. */
const NEAR = 1.6
const CELL = 64

/**
 * @typedef {{rings: number[][], kind: string, code: string}} Owner
 * One grid in tile units: flat closed rings `[x0, y0, x1, y1, ...]`, its kind and its 15-digit code.
 */

/**
 * Find the border lines between grids.
 * @param {Owner[]} owners  the grids of one tile
 * @param {number} extent  side of the tile in its units; what lies on the cut outside of it is no border
 * @returns {Map<'urban'|'rural'|'dedicated'|'community'|'township', number[][]>}  flat lines in tile units
 */
export function findBorders(owners, extent) {
  const sides = collectSides(owners, extent)
  const classes = new Map()
  for (const side of sides.values()) {
    // There and back along the same side: a neck of a grid that is narrower than one unit of the tile.
    if (side.spike && side.b === undefined) continue
    for (const name of classesOf(owners[side.a], owners[side.b])) {
      if (!classes.has(name)) classes.set(name, [])
      classes.get(name).push(side)
    }
  }
  for (const [name, members] of classes) classes.set(name, chain(members))
  return classes
}

/** What runs along a side: its line by kind and, above it, the highest unit that ends there. */
function classesOf(one, other) {
  // The rim of the district, or a neighbour whose side was thinned otherwise: the tile alone cannot tell.
  if (other === undefined) return [lineKind(one.kind, one.kind)]
  const base = lineKind(one.kind, other.kind)
  if (one.code.slice(0, 9) !== other.code.slice(0, 9)) return [base, 'township']
  return one.code.slice(0, 12) === other.code.slice(0, 12) ? [base] : [base, 'community']
}

function lineKind(one, other) {
  if (one === 'dedicated' || other === 'dedicated') return 'dedicated'
  return one === 'rural' && other === 'rural' ? 'rural' : 'urban'
}

const keyOf = (x, y) => (x + 32768) * 65536 + (y + 32768)

/** All sides, each once, with the one or two owners it has. */
function collectSides(owners, extent) {
  const corners = indexCorners(owners)
  const sides = new Map()
  owners.forEach(({ rings }, owner) => {
    for (const ring of rings) {
      for (let at = 0; at + 3 < ring.length; at += 2) {
        const start = [ring[at], ring[at + 1]]
        const end = [ring[at + 2], ring[at + 3]]
        if (isCut(start, end, extent)) continue
        let from = start
        for (const to of [...cornersOn(corners, start, end), end]) {
          addSide(sides, from, to, owner)
          from = to
        }
      }
    }
  })
  return sides
}

/** A straight side along the tile's rim, outside of what is shown, was made by the cutting. */
function isCut(start, end, extent) {
  return [0, 1].some((axis) => start[axis] === end[axis] && (start[axis] < 0 || start[axis] > extent))
}

function addSide(sides, from, to, owner) {
  const [p, q] = [keyOf(...from), keyOf(...to)]
  if (p === q) return
  const key = p < q ? `${p},${q}` : `${q},${p}`
  const side = sides.get(key)
  if (side === undefined) sides.set(key, { from, to, p, q, a: owner, b: undefined })
  else if (side.a !== owner) side.b = owner
  else side.spike = true
}

function indexCorners(owners) {
  const cells = new Map()
  const seen = new Set()
  for (const { rings } of owners) {
    for (const ring of rings) {
      for (let at = 0; at < ring.length; at += 2) {
        const key = keyOf(ring[at], ring[at + 1])
        if (seen.has(key)) continue
        seen.add(key)
        const cell = keyOf(Math.floor(ring[at] / CELL), Math.floor(ring[at + 1] / CELL))
        if (!cells.has(cell)) cells.set(cell, [])
        cells.get(cell).push(ring[at], ring[at + 1])
      }
    }
  }
  return cells
}

/** Corners of any grid that lie on the inside of a side, in the order in which one passes them. */
function cornersOn(cells, [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0]
  const length = Math.hypot(dx, dy)
  const found = []
  if (length < 1) return found
  const floor = (value) => Math.floor(value / CELL)
  for (let cx = floor(Math.min(x0, x1) - NEAR); cx <= floor(Math.max(x0, x1) + NEAR); cx += 1) {
    for (let cy = floor(Math.min(y0, y1) - NEAR); cy <= floor(Math.max(y0, y1) + NEAR); cy += 1) {
      const cell = cells.get(keyOf(cx, cy))
      if (cell === undefined) continue
      for (let at = 0; at < cell.length; at += 2) {
        const [rx, ry] = [cell[at] - x0, cell[at + 1] - y0]
        const along = (rx * dx + ry * dy) / length
        if (along <= 0 || along >= length || Math.abs(rx * dy - ry * dx) / length > NEAR) continue
        if ((rx === 0 && ry === 0) || (rx === dx && ry === dy)) continue
        found.push([along, cell[at], cell[at + 1]])
      }
    }
  }
  return found.sort((one, other) => one[0] - other[0]).map(([, x, y]) => [x, y])
}

/** Join sides end to end; a line ends where three meet, so that dashes begin anew at corners only. */
function chain(sides) {
  const at = new Map()
  for (const side of sides) {
    for (const end of [side.p, side.q]) {
      if (!at.has(end)) at.set(end, [])
      at.get(end).push(side)
    }
  }
  const used = new Set()
  const lines = []
  const walk = (side, start) => {
    const line = start === side.p ? [...side.from] : [...side.to]
    let [here, next] = [start, side]
    while (next !== undefined) {
      used.add(next)
      const forward = next.p === here
      line.push(...(forward ? next.to : next.from))
      here = forward ? next.q : next.p
      const meet = at.get(here)
      next = meet.length === 2 ? meet.find((other) => !used.has(other)) : undefined
    }
    lines.push(line)
  }
  for (const [end, meet] of at) {
    if (meet.length !== 2) for (const side of meet) if (!used.has(side)) walk(side, end)
  }
  for (const side of sides) if (!used.has(side)) walk(side, side.p)
  return lines
}

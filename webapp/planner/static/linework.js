/** The lines of the draft as they are drawn: borders by their kind, and where they differ from those in force. */
import { edgesOf, inRows, away } from './borders.js'
import { onSegment } from './shapes.js'

const TOWNSHIP_DIGITS = 9
/** Two lines that stand closer than this are one, EPSG:3857 metres. */
const SAME_M = 0.05

/**
 * @param {import('./shapes.js').Shape[]} shapes
 * @returns {Record<'urban'|'rural'|'dedicated'|'community'|'township', number[][]>}  flat lines, EPSG:3857
 */
export function bordersOf(shapes) {
  const known = new Map(shapes.map((shape) => [shape.id, shape.properties]))
  const rows = { urban: [], rural: [], dedicated: [], community: [], township: [] }
  for (const { ends, grids } of edgesOf(shapes).edges.values()) {
    rows[rankOf(grids.map((id) => known.get(id)))].push(ends)
  }
  return Object.fromEntries(Object.entries(rows).map(([rank, edges]) => [rank, flatRows(edges)]))
}

const flatRows = (edges) => inRows(edges).map((row) => row.flatMap(({ xy }) => xy))

function rankOf([one, other]) {
  if (other && one.community !== other.community) {
    const township = ({ community }) => String(community).slice(0, TOWNSHIP_DIGITS)
    return township(one) === township(other) ? 'community' : 'township'
  }
  const kinds = [one.kind, other?.kind ?? one.kind]
  if (kinds.includes('dedicated')) return 'dedicated'
  return kinds.every((kind) => kind === 'rural') ? 'rural' : 'urban'
}

/**
 * Where the borders of two coverages differ.
 * @param {import('./shapes.js').Shape[]} before  the shapes in force of what differs
 * @param {import('./shapes.js').Shape[]} after  the draft's
 * @returns {{ old: number[][], fresh: number[][] }}  flat lines, EPSG:3857
 */
export function difference(before, after) {
  const [was, is] = [edgesOf(before).edges, edgesOf(after).edges]
  const old = [...was].filter(([name]) => !is.has(name)).map(([, { ends }]) => ends)
  const fresh = [...is].filter(([name]) => !was.has(name)).map(([, { ends }]) => ends)
  // A corner that was only put into a line moves nothing.
  return { old: flatRows(uncovered(old, fresh)), fresh: flatRows(uncovered(fresh, old)) }
}

/** Edges that do not run along others. */
function uncovered(edges, others) {
  return edges.filter((ends) => {
    const [a, b] = ends.map(({ xy }) => xy)
    const along = others.some((other) => lies(a, other) && lies(b, other))
    const length = away(a, b)
    const filled = others.reduce((sum, other) => sum + (other.every(({ xy }) => onSegment(a, b, xy).distance < SAME_M) ? away(other[0].xy, other[1].xy) : 0), 0)
    return !along && filled < length - 2 * SAME_M
  })
}

const lies = (xy, [one, other]) => onSegment(one.xy, other.xy, xy).distance < SAME_M

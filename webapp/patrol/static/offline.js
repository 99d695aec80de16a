/** Lets the page open without network: installs its worker, and tells the worker whose tiles are shown. */

const WORKER = '/patrol/worker.js'
const SCOPE = '/patrol'
/** Tiles that are shown nearest are 16, and those that show the whole way home are 10. */
const LEVELS = { basemap: [10, 16], grids: [10, 15], areas: [10, 13] }
const MOST_TILES = 600

let account = null

/** Whoever holds the phone now; without anybody no tile is kept. @param {number|null} id */
export function standFor(id) {
  account = id
}

/**
 * Ask the worker to fetch the map of some grids, for when there is no network.
 * @param {{ geometry: object }[]} grids
 * @param {number} revision  of the coverage
 */
export async function keepMapOf(grids, revision) {
  if (!('serviceWorker' in navigator) || account === null || grids.length === 0) return
  const { active } = await navigator.serviceWorker.ready
  active?.postMessage({ keep: tilesOver(boxOf(grids), revision), account })
}

/**
 * The addresses of all tiles over a box, the widest first, so that a limit cuts the nearest.
 * @param {[number, number, number, number]} box  west, south, east, north in degrees
 * @param {number} revision
 * @returns {string[]}
 */
export function tilesOver([west, south, east, north], revision) {
  const found = []
  for (let level = 10; level <= 16; level += 1) {
    const [left, top] = tileAt(west, north, level)
    const [right, bottom] = tileAt(east, south, level)
    const layers = Object.keys(LEVELS).filter((layer) => LEVELS[layer][0] <= level && level <= LEVELS[layer][1])
    for (let x = left; x <= right; x += 1) {
      for (let y = top; y <= bottom; y += 1) {
        for (const layer of layers) found.push(`/tiles/${layer}/${level}/${x}/${y}.mvt?v=${revision}`)
      }
    }
  }
  return found.slice(0, MOST_TILES)
}

/** Column and row of the tile a place lies in (EPSG:3857). */
function tileAt(lon, lat, level) {
  const n = 2 ** level
  const stretched = Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI
  return [Math.floor(((lon + 180) / 360) * n), Math.floor(((1 - stretched) / 2) * n)]
}

function boxOf(grids) {
  const box = [180, 90, -180, -90]
  const take = (part) => {
    if (typeof part[0] !== 'number') return part.forEach(take)
    const [lon, lat] = part
    box.splice(0, 4, Math.min(box[0], lon), Math.min(box[1], lat), Math.max(box[2], lon), Math.max(box[3], lat))
  }
  grids.forEach(({ geometry }) => take(geometry.coordinates))
  return box
}

async function install() {
  const { serviceWorker } = navigator
  serviceWorker.addEventListener('message', ({ data, ports }) => data === 'whose' && ports[0].postMessage(account))
  serviceWorker.startMessages()
  const registration = await serviceWorker.register(WORKER, { scope: SCOPE })
  // This page has all its modules by now: the next one may be of the newer build.
  registration.waiting?.postMessage('take over')
}

// Over plain http there is none; and where it cannot be installed the page works as long as there is network.
if ('serviceWorker' in navigator) install().catch(() => {})

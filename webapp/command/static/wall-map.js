/** The map of a wall: it shows what the cycle says, and nobody touches it. */
import { locale, t } from '../shared/i18n.js'
import { createMap } from '../shared/map.js'
import { isOverdue } from './open-incidents.js'
import { standingText } from '../shared/time.js'
import { isPlaced } from './wall-cycle.js'
import { classText } from '../shared/words.js'

const NEAR = 15.5
const TILES_ANEW_MS = 60_000

/**
 * @param {HTMLElement} element
 * @param {object} store
 * @param {() => void} onReady
 * @returns {{ show: (scene: object) => void, stop: () => void }}
 */
export function hostWallMap(element, store, onReady) {
  const { district } = store.state.me
  const map = createMap(element, {
    tiles: '/tiles', centre: district.centre, zoom: 12, bounds: district.bounds, revision: String(district.revision), theme: 'wall', language: locale(), labels: t,
  })
  let shown = null
  let renewed = store.state.now
  const show = (scene) => {
    if (scene.key !== shown) move(map, scene, district)
    shown = scene.key
    map.setColouring(scene.colouring)
    map.setTallies(scene.tallies)
    map.select(scene.incident ? selectedOf(scene.incident, store.state.now, district.time_zone) : null)
  }
  const stops = [
    map.on('ready', onReady),
    store.subscribe((state, before) => {
      if (state.load !== before.load) map.setLoad(loadOf(state))
      if (state.me.district.revision === before.me.district.revision && state.now - renewed < TILES_ANEW_MS) return
      renewed = state.now
      map.setRevision({ ...revisions(state.me.district.revision), incidents: `${state.me.district.revision}.${Math.floor(state.now)}` })
    }),
  ]
  map.setLayers({ incidents: true, devices: false, sites: false })
  map.setLoad(loadOf(store.state))
  const watch = new ResizeObserver(() => {
    shown = null
  })
  watch.observe(element)
  return {
    show,
    stop() {
      watch.disconnect()
      for (const stop of stops) stop()
      map.destroy()
    },
  }
}

function move(map, { bounds, incident }, district) {
  if (incident && isPlaced(incident)) map.flyTo({ ...incident.place, zoom: NEAR })
  else map.fit(bounds ?? district.bounds, { padding: bounds ? [96, 48, 120, 48] : [8, 8, 8, 8], maxZoom: 15 })
}

const selectedOf = (incident, now, zone) =>
  isPlaced(incident)
    ? {
        kind: 'incident',
        id: incident.id,
        lon: incident.place.lon,
        lat: incident.place.lat,
        severity: incident.severity,
        state: incident.state,
        overdue: isOverdue(incident, now),
        tag: `${classText(incident)} ${standingText(incident, now, zone)}`,
        candidates: incident.grid ? [{ grid: incident.grid.id, share: 1 }] : [],
      }
    : null

const revisions = (revision) => Object.fromEntries(['basemap', 'grids', 'areas', 'devices', 'sites', 'incidents'].map((name) => [name, String(revision)]))

const loadOf = ({ load }) => new Map(Object.entries(load).map(([id, [open, overdue]]) => [Number(id), { open, overdue }]))

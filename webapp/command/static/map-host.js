/** Between the store and the map: the map shows what the store says, and tells it what the hand does. */
import { locale, t } from '../shared/i18n.js'
import { createMap } from '../shared/map.js'
import { isOverdue } from './open-incidents.js'
import { zoneOnMap } from '../shared/safe-zones.js'
import { isEnded, isUnsure, nameOf } from '../shared/words.js'

const FIRST_ZOOM = { desk: 15, phone: 14 }
const NEAR = 17
const DEGREES_PER_PX_AT_0 = 360 / 256
/** News lie above the tiles; now and then the tiles are fetched anew, so that clusters count them too. */
const TILES_ANEW_MS = 30_000

/**
 * Build the map and keep it in step until stopped.
 * @param {HTMLElement} element
 * @param {object} store
 * @param {{ onCluster, onGridAt, onHover, onReady, onUsable }} ears
 */
export function hostMap(element, store, { onGridAt, onHover, onReady, onUsable }) {
  const { me, view, centre, phone } = store.state
  const { district } = me
  const map = createMap(element, {
    tiles: '/tiles',
    centre: view?.centre ?? centre ?? district.centre,
    zoom: view?.zoom ?? (phone ? FIRST_ZOOM.phone : FIRST_ZOOM.desk),
    bounds: district.bounds,
    revision: revisions(district.revision, 0),
    language: locale(),
    labels: t,
    asOf: dateOf(store.state),
  })
  const stops = [
    map.on('ready', onReady),
    map.on('usable', onUsable),
    map.on('move', (now) => store.dispatch({ type: 'view', view: { centre: now.centre, zoom: now.zoom } })),
    map.on('hover', onHover),
    map.on('select', (hit) => takeHit(hit, { map, store, onGridAt })),
    store.subscribe((state, before, action) => follow(map, state, before, action)),
    renewTiles(map, store),
  ]
  showAll(map, store.state)
  return {
    map,
    stop() {
      for (const stop of stops) stop()
      map.destroy()
    },
  }
}

function showAll(map, state) {
  map.setColouring(state.colouring)
  map.setLayers(shownLayers(state))
  map.setLoad(loadOf(state))
  map.setZones(zonesOf(state))
  map.select(selectedOnMap(state))
}

/** Tell the map only what has changed. */
function follow(map, state, before, action) {
  if (state.colouring !== before.colouring) map.setColouring(state.colouring)
  if (state.layers !== before.layers) map.setLayers(shownLayers(state))
  if (state.load !== before.load) map.setLoad(loadOf(state))
  if (['zones', 'zoneDraft', 'asOf'].some((name) => state[name] !== before[name])) map.setZones(zonesOf(state))
  if (state.theme !== before.theme) map.setTheme()
  if (action.type === 'view' && action.go) map.flyTo({ lon: state.view.centre[0], lat: state.view.centre[1], zoom: state.view.zoom })
  if (state.asOf !== before.asOf) {
    // What happened meanwhile was not drawn, so that the tiles of now are asked for anew.
    if (state.asOf === null) map.setRevision(revisions(state.me.district.revision, state.clock))
    map.setAsOf(dateOf(state))
  }
  if (action.type === 'changed' && state.asOf === null) {
    for (const item of action.items ?? []) putIncident(map, item, state.now)
    for (const id of action.gone ?? []) map.removeIncident(id)
  }
  if (state.detail !== before.detail || state.selection !== before.selection) map.select(selectedOnMap(state))
}

const dateOf = ({ asOf }) => (asOf === null ? null : new Date(asOf))

/** Everything changes with an edition; incidents change by themselves. */
const revisions = (revision, n) => {
  const same = String(revision)
  return { basemap: same, grids: same, areas: same, devices: same, sites: same, incidents: n ? `${same}.${n}` : same }
}

/** @returns {() => void} stop */
function renewTiles(map, store) {
  let news = 0
  let renewed = store.state.clock
  return store.subscribe((state, before, action) => {
    if (action.type === 'changed') news += 1
    const { revision } = state.me.district
    const due = news && state.clock - renewed > TILES_ANEW_MS && !document.hidden
    if (!due && revision === before.me.district.revision) return
    map.setRevision(revisions(revision, state.clock))
    news = 0
    renewed = state.clock
  })
}

function putIncident(map, item, now) {
  if (isEnded(item) || !item.place || item.place.lon === null) map.removeIncident(item.id)
  else map.upsertIncident(symbolOf(item, now))
}

const symbolOf = (item, now) => ({
  id: item.id,
  lon: item.place.lon,
  lat: item.place.lat,
  severity: item.severity,
  state: item.state,
  overdue: isOverdue(item, now),
})

const shownLayers = ({ layers }) => ({
  incidents: layers.includes('incidents'),
  devices: layers.includes('devices'),
  sites: layers.includes('sites'),
})

/** What holds now, and what is being drawn; who looks back sees neither. */
function zonesOf({ zones, zoneDraft, asOf, me }) {
  if (asOf !== null) return []
  const drawn = zones.map((zone) => zoneOnMap(zone, me.district.time_zone))
  return zoneDraft?.ring?.length > 1 ? [...drawn, { id: 'draft', ring: zoneDraft.ring, tag: '' }] : drawn
}

const loadOf = ({ load }) => new Map(Object.entries(load).map(([id, [open, overdue]]) => [Number(id), { open, overdue }]))

/** What the store has selected, in the map's words; null as long as it has no place. */
function selectedOnMap({ selection, detail, rows, now }) {
  if (!selection) return null
  const item = detail?.item ?? (selection.kind === 'incident' ? rows.find((row) => row.id === selection.id) : undefined)
  if (selection.kind === 'grid') {
    const id = item?.id ?? selection.mapId
    return id === undefined ? null : { kind: 'grid', id, tag: item && nameOf(item) }
  }
  if (selection.kind === 'place') {
    const [lon, lat] = selection.id.split(',').map(Number)
    return { kind: 'place', lon, lat, tag: item?.grid ? nameOf(item.grid) : selection.id }
  }
  if (selection.kind === 'device') return item ? { kind: 'device', id: item.code, lon: item.lon, lat: item.lat, tag: nameOf(item) } : null
  if (!item?.place || item.place.lon === null) return null
  return { kind: 'incident', ...symbolOf(item, now), errorM: item.place.error_m ?? undefined, candidates: candidatesOf(item) }
}

function candidatesOf(item) {
  const candidates = item.candidates ?? []
  if (!isUnsure(item)) return item.grid ? [{ grid: item.grid.id, share: 1 }] : []
  return candidates.map((candidate, i) => ({
    grid: candidate.id,
    share: candidate.probability,
    tag: `${i + 1} ${nameOf(candidate)} ${Math.round(candidate.probability * 100)}%`,
  }))
}

function takeHit(hit, { map, store, onGridAt }) {
  const draft = store.state.zoneDraft
  if (draft?.ring) {
    store.dispatch({ type: 'zoneDraft', draft: { ...draft, ring: [...draft.ring, [hit.lon, hit.lat]] } })
    return
  }
  const select = (selection) => store.dispatch({ type: 'select', selection })
  if (hit.kind === 'incident') select({ kind: 'incident', id: hit.id })
  else if (hit.kind === 'device') select({ kind: 'device', id: hit.properties.code })
  else if (hit.kind === 'grid') select({ kind: 'grid', id: hit.properties.code, mapId: hit.id })
  else if (hit.kind === 'cluster') map.flyTo({ lon: hit.lon, lat: hit.lat, zoom: Math.min(18, Math.round(map.getView().zoom) + 2) })
  else if (hit.kind === 'site') onGridAt(hit.lon, hit.lat)
}

/** A place is named by its coordinates, to about a decimetre. */
export const placeId = (lon, lat) => `${lon.toFixed(6)},${lat.toFixed(6)}`

/**
 * Where the map looks when asked. The card covers its right side, so the middle is that of what is seen.
 * @param {() => object|null} mapNow
 * @param {() => { right: number, bottom: number }} covered  pixels that panels cover
 */
export function createLook(mapNow, covered, store) {
  const flyTo = ({ lon, lat, zoom = NEAR }) => {
    const { right, bottom } = covered()
    const degrees = DEGREES_PER_PX_AT_0 / 2 ** zoom
    const lonOfMiddle = lon + (right / 2) * degrees
    const latOfMiddle = lat - (bottom / 2) * degrees * Math.cos((lat * Math.PI) / 180)
    mapNow()?.flyTo({ lon: lonOfMiddle, lat: latOfMiddle, zoom })
  }
  const fit = (bounds, options) => {
    const { right, bottom } = covered()
    mapNow()?.fit(bounds, { padding: [88, 72 + right, 88 + bottom, 72], ...options })
  }
  const select = (selection) => store.dispatch({ type: 'select', selection })
  return {
    zoomTo(kind, item) {
      if (kind === 'grid') fit(item.bounds)
      else if (kind === 'device' || kind === 'place') flyTo(item)
      else if (item?.place && item.place.lon !== null) flyTo(item.place)
    },
    zoomBy: (steps) => mapNow()?.zoomBy(steps),
    wholeDistrict: () => fit(store.state.me.district.bounds, { maxZoom: 13 }),

    /** Go to what the search found. */
    goTo(item, selectGridAt) {
      if (item.kind === 'grid') select({ kind: 'grid', id: item.code })
      else if (item.kind === 'device') select({ kind: 'device', id: item.code })
      else if (item.kind === 'incident') select({ kind: 'incident', id: item.id })
      else if (item.kind === 'site') selectGridAt(item.lon, item.lat)
      else if (item.kind === 'place') select({ kind: 'place', id: placeId(item.lon, item.lat) })
      if (item.bounds) fit(item.bounds)
      else if (item.lon !== null && item.lon !== undefined) flyTo({ lon: item.lon, lat: item.lat })
    },

    /** Shift the map just so much that a place is not under the card that was opened for it. */
    uncover(lon, lat) {
      const map = mapNow()
      if (!map) return
      const { right, bottom } = covered()
      const { width, height } = map.element.getBoundingClientRect()
      const [x, y] = map.toPixel([lon, lat]) ?? []
      if (x === undefined || x < 0 || y < 0 || x > width || y > height) return
      const dx = Math.max(0, x - (width - right - 64))
      const dy = Math.max(0, y - (height - bottom - 64))
      if (dx || dy) {
        const [toLon, toLat] = map.fromPixel([width / 2 + dx, height / 2 + dy])
        map.flyTo({ lon: toLon, lat: toLat })
      }
    },
  }
}

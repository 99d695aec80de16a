/** Between the store and the map: the map shows the draft, and the tool in hand changes it. */
import { locale, t } from '../shared/i18n.js'
import { createMap } from '../shared/map.js'
import { project, stretchAt, unproject } from '../shared/map/scale.js'
import { createDraftLayers, NEAR_ZOOM } from './draft-layers.js'
import { createDraftSource } from './draft-source.js'
import { createProposalLayers } from './proposal-layers.js'
import { createZoneLayers } from './zone-layers.js'
import { createGroundThings } from './ground-things.js'
import { createSketch } from './sketch.js'
import { snapTo } from './snapping.js'
import { startTool } from './tools/index.js'

const FIRST_ZOOM = 15
const NEAR = 17
const PADDING = [88, 72, 88, 72]
/** The share of a phone's map that a sheet covers, and a little more. */
const SHEET = 0.74
/** What decides whether zones or a proposal lie over the map. */
const OVERLAYS = ['side', 'zoneFeatures', 'proposalShown', 'proposals', 'plan']
/** Buildings are fetched from here on; farther away nobody aims at one. */
const THINGS_ZOOM = 15.8

/**
 * @param {HTMLElement} element
 * @param {object} store
 * @param {object} api
 * @param {{ onReady: () => void }} ears
 */
export function hostDraft(element, store, api, { onReady }) {
  const { me, view } = store.get()
  const map = createMap(element, {
    tiles: '/tiles', centre: view?.centre ?? me.district.centre, zoom: view?.zoom ?? FIRST_ZOOM, bounds: me.district.bounds,
    revision: String(me.district.revision), language: locale(), labels: t,
  })
  map.setLayers({ incidents: false, devices: false, sites: false })
  const desk = makeDesk(map, store, api, element)
  const { pad, source, things, sketch } = desk
  let seen = Promise.resolve()
  const see = () => {
    const extent = extentOf(map)
    const { zoom } = map.getView()
    pad.showGridTiles(!(store.get().plan && zoom >= NEAR_ZOOM))
    // With what is still on its way from before: it may be in view, too.
    const mine = Promise.all([seen, zoom >= NEAR_ZOOM && source.see(extent), zoom >= THINGS_ZOOM && things.see(extent)])
    seen = mine
    element.setAttribute('aria-busy', 'true')
    mine.then(() => seen === mine && element.setAttribute('aria-busy', 'false'))
  }
  const tool = keepTool(desk)
  const stops = [
    pad.add(desk.layers),
    pad.add(createProposalLayers(store)),
    pad.add(createZoneLayers(store)),
    ...sketch.painters.map((painter) => pad.add(painter)),
    map.on('ready', onReady),
    map.on('move', (now) => {
      store.actions.look({ centre: now.centre, zoom: now.zoom })
      see()
    }),
    store.subscribe((state, before) => follow({ map, desk, see, tool }, state, before)),
    tool.stop,
    sketch.stop,
  ]
  source.open(store.get().plan?.id ?? null)
  things.open(store.get().plan?.id ?? null)
  see()
  return {
    map,
    desk,
    /** Fulfilled when what is in view has come. */
    seen: () => seen,
    /** A key for the tool in hand. @returns {boolean} whether it meant something */
    press: (name, shift) => tool.press(name, shift),
    stop() {
      for (const stop of stops) stop()
      map.destroy()
    },
  }
}

function makeDesk(map, store, api, element) {
  const pad = map.sketchpad
  const { actions } = store
  const onProblem = (error) => actions.refuse(error.message)
  const sketch = createSketch(pad, element)
  const desk = {
    map, pad, store, sketch,
    things: createGroundThings(api, { onChange: () => pad.redraw(), onProblem }),
    swipeAt: 0.5,
    stretch: stretchAt(store.get().me.district.centre[1]),
    snap: (xy, reach, leave) => snapTo(xy, reach, { source: desk.source, things: desk.things, snapping: store.get().snapping }, leave),
    /** Metres on the ground between two places of the map. */
    metres: ([x0, y0], [x1, y1]) => Math.hypot(x1 - x0, y1 - y0) / desk.stretch,
    pixelOf: (xy) => map.toPixel(unproject(xy)),
    /** The middle of the map, for who works without a pointer. */
    middle: () => project(...map.getView().centre),
    /** Reach in metres of the map of so many pixels. */
    reach: (px) => px * map.getView().metresPerPixel * desk.stretch,
    /** Lead the hand. @returns {() => void} stop */
    hand: (ears, options) => pad.takeHand({ ...ears, down: (at) => { sketch.enlarge(at.touch); return ears.down?.(at) ?? false } }, options),
  }
  desk.source = createDraftSource(api, {
    onChange() {
      desk.layers.changed()
      desk.onShapes?.()
      pad.redraw({ settled: true })
    },
    onProblem,
  })
  desk.layers = createDraftLayers(desk.source, store, {
    gains: sketch.gains,
    swipeAt: () => (store.get().compare === 'swipe' ? desk.swipeAt : null),
  })
  return desk
}

/** @returns {number[]} what is seen, EPSG:3857 */
function extentOf(map) {
  const [west, south, east, north] = map.getView().bounds
  return [...project(west, south), ...project(east, north)]
}

function follow({ map, desk, see, tool }, state, before) {
  const { source, things, sketch, pad } = desk
  if (state.plan?.id !== before.plan?.id) {
    source.open(state.plan?.id ?? null)
    things.open(state.plan?.id ?? null)
    see()
  } else if (state.drawn !== before.drawn) {
    if (state.drawn.whole) {
      source.open(state.plan?.id ?? null)
      see()
    } else source.take(state.drawn)
  }
  if (state.tool !== before.tool || state.plan?.id !== before.plan?.id || canEdit(state) !== canEdit(before)) tool.change()
  if (state.selection !== before.selection) tool.choose()
  if (state.theme !== before.theme) map.setTheme()
  if (state.me.district.revision !== before.me.district.revision) map.setRevision(String(state.me.district.revision))
  if (state.refused !== before.refused) sketch.mark((state.refused?.places ?? []).map(([lon, lat]) => project(lon, lat)))
  if (state.check !== before.check) sketch.flag(flawsOf(state.check))
  if (state.compare !== before.compare || state.selection !== before.selection) pad.redraw({ settled: true })
  if (OVERLAYS.some((name) => state[name] !== before[name])) pad.redraw({ settled: true })
  if (state.focus !== before.focus && state.focus) goTo(map, source, state.focus, state)
}

/** Findings that have a place of their own; those of a whole grid stand in the list. */
const flawsOf = (check) =>
  (check?.items ?? []).filter(({ level, place }) => level !== 'ok' && place).map(({ level, place }) => ({ xy: project(...place), grave: level === 'must' }))

const canEdit = ({ plan }) => Boolean(plan?.can.includes('edit'))

function goTo(map, source, { place, grids, bbox }, { phone, sheet }) {
  if (place) map.flyTo({ lon: place[0], lat: place[1], zoom: Math.max(NEAR, Math.round(map.getView().zoom)) })
  const bounds = bbox ?? (grids && source.boundsOf(grids))
  if (bounds) map.fit(bounds, { padding: phone ? roomOnPhone(map, sheet) : PADDING })
}

/** What is looked at on a phone stands above the sheet, or fills the map when there is none. */
const roomOnPhone = (map, sheet) => (sheet === 'map' ? [64, 24, 64, 24] : [12, 12, Math.round(map.element.clientHeight * SHEET), 12])

/** One tool at a time; a new one when another is chosen or another plan is open. */
function keepTool(desk) {
  let running = null
  const begin = () => {
    running?.stop()
    desk.sketch.clear()
    const { tool, plan } = desk.store.get()
    running = plan ? startTool(canEdit({ plan }) ? tool : 'look', desk) : null
    desk.onShapes = () => running?.renew?.()
  }
  begin()
  return {
    change: begin,
    choose: () => running?.renew?.(),
    press: (name, shift) => running?.press?.(name, shift) ?? false,
    stop: () => running?.stop(),
  }
}

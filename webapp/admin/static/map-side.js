/** The district on the map, with the file's shapes and what is wrong with them over it. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { locale, t } from '../shared/i18n.js'
import { createMap } from '../shared/map.js'
import { Icon } from '../shared/icons.js'
import { FlawMark } from './marks.js'
import { figure } from './words.js'

const NEAR = 17
const PADDING = [48, 48, 48, 48]

/** Administrators see no ground: for them the shapes stand alone. */
const seesGround = (me) => me.can.includes('tile.read')

export function MapSide({ store, state, work }) {
  const element = useRef()
  const map = useRef()
  useEffect(() => {
    if (!store.state.me.district) {
      document.documentElement.dataset.ready = ''
      return undefined
    }
    map.current = hostMap(element.current, store, work)
    return () => map.current.stop()
  }, [])
  const { result } = state
  const zoom = (steps) => map.current?.map.zoomBy(steps)
  return html`<main class="map-panel" aria-label=${t('Map')}>
    <div class="map" ref=${element}></div>
    ${state.me.district
      ? html`<div class="floating zoom">
          <button class="tool" aria-label=${t('Zoom in')} title=${t('Zoom in')} onClick=${() => zoom(1)}><${Icon} name="plus" /></button>
          <button class="tool" aria-label=${t('Zoom out')} title=${t('Zoom out')} onClick=${() => zoom(-1)}><${Icon} name="minus" /></button>
        </div>`
      : html`<p class="no-map">${t('There is no map yet: it comes with the areas of the district.')}</p>`}
    ${state.me.district && !seesGround(state.me) && !result && html`<p class="no-map">${t('Your roles see no map of the ground. The places of a file are shown here once it is checked.')}</p>`}
    ${result && html`<${Legend} result=${result} />`}
  </main>`
}

function Legend({ result }) {
  const { defects, shapes, left_out: leftOut } = result
  const drawn = shapes.features.length
  const some = (grave) => defects.listed.some((defect) => defect.grave === grave && defect.lon !== null)
  if (!drawn) return html`<div class="floating legend"><span>${t('No row of the file has a place that can be drawn.')}</span></div>`
  return html`<div class="floating legend">
    <span><i class="swatch swatch-file"></i>${t('from the file')}</span>
    ${some(true) && html`<span><${FlawMark} grave title="" />${t('Must change')}</span>`}
    ${some(false) && html`<span><${FlawMark} title="" />${t('Worth a look')}</span>`}
    ${leftOut > 0 && html`<span>${t('%(drawn)s of %(all)s shapes drawn', { drawn: figure(drawn), all: figure(drawn + leftOut) })}</span>`}
  </div>`
}

/** Build the map and keep it in step with the store until stopped. */
function hostMap(element, store, work) {
  const { me, phone } = store.state
  const { district } = me
  const map = createMap(element, {
    tiles: seesGround(me) ? '/tiles' : undefined,
    centre: district.centre,
    zoom: phone ? 11 : 12,
    bounds: district.bounds,
    revision: String(district.revision),
    language: locale(),
    labels: t,
  })
  map.setLayers({ incidents: false, devices: false, sites: false })
  const stops = [
    map.on('ready', () => { document.documentElement.dataset.ready = '' }),
    map.on('select', (hit) => takeHit(hit, store.state, work)),
    store.subscribe((state, before) => follow(map, state, before)),
  ]
  map.fit(district.bounds, { padding: PADDING })
  show(map, store.state.result)
  return {
    map,
    stop() {
      for (const stop of stops) stop()
      map.destroy()
    },
  }
}

function follow(map, state, before) {
  if (state.result !== before.result) show(map, state.result)
  if (state.theme !== before.theme) map.setTheme()
  if (state.me.district?.revision !== before.me.district?.revision) map.setRevision(String(state.me.district.revision))
  if (state.chosen !== before.chosen) choose(map, state)
}

function show(map, result) {
  if (!result) {
    map.setOutlines([], [])
    return
  }
  map.setOutlines(result.shapes.features, result.defects.listed)
  if (result.bounds) map.fit(padded(result.bounds), { padding: PADDING })
}

/** A single point has no extent to look at. */
const padded = ([west, south, east, north]) => (east - west > 1e-4 ? [west, south, east, north] : [west - 1e-3, south - 1e-3, east + 1e-3, north + 1e-3])

function choose(map, { chosen, result, phone }) {
  map.chooseOutline(chosen)
  if (!chosen.fly) return
  // On a phone the list and the map do not fit on one screen.
  if (phone) map.element.scrollIntoView({ block: 'center', behavior: 'smooth' })
  const flaw = result?.defects.listed[chosen.flaw]
  if (flaw && flaw.lon !== null) map.flyTo({ lon: flaw.lon, lat: flaw.lat, zoom: Math.max(NEAR, map.getView().zoom) })
  else if (chosen.row !== null) {
    const shape = result?.shapes.features.find(({ id }) => id === chosen.row)
    if (shape) map.fit(padded(boundsOf(shape.geometry)), { padding: PADDING.map((side) => side * 2) })
  }
}

function boundsOf({ coordinates, geometries }) {
  const flat = (geometries ? geometries.map((one) => one.coordinates) : coordinates).flat(Infinity)
  const lons = flat.filter((_, at) => at % 2 === 0)
  const lats = flat.filter((_, at) => at % 2 === 1)
  const least = (values) => values.reduce((one, other) => Math.min(one, other))
  const most = (values) => values.reduce((one, other) => Math.max(one, other))
  return [least(lons), least(lats), most(lons), most(lats)]
}

/** A click on the map selects the row: the defect's, or that of the shape with its first defect. */
function takeHit(hit, { result }, work) {
  if (!result) return
  if (hit.kind === 'flaw') work.choose({ flaw: hit.id, row: result.defects.listed[hit.id].row })
  else if (hit.kind === 'outline') {
    const flaw = result.defects.listed.findIndex(({ row }) => row === hit.id)
    work.choose({ row: hit.id, flaw: flaw < 0 ? null : flaw })
  } else work.choose({})
}

/** A map on the phone: the own grids with their border, and where the phone is. What else it shows is its owner's. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { locale, t } from '../shared/i18n.js'
import { createMap } from '../shared/map.js'
import { nameOf } from '../shared/words.js'
import { useWorld } from './world.js'

const FIRST_ZOOM = 16
/** A grid is looked at with so much of its neighbours around it, CSS pixels. */
const AROUND_PX = 28
const MOST_MARKED = 12

/**
 * @param {{ class?: string, at?: { lon: number, lat: number }, zoom?: number, onMap: (map: object) => (() => void)|void }} props
 *   `at`: where it looks first, the own grids unless given; `onMap` is handed the map once and returns its own stop
 */
export function MapBox({ at, zoom, onMap, ...rest }) {
  const patrol = useWorld((state) => state.patrol)
  const ground = useWorld((state) => state.ground)
  const fix = useWorld((state) => state.position.fix)
  const element = useRef()
  const map = useRef(null)

  const district = patrol?.district
  useEffect(() => {
    if (!district) return undefined
    const made = createMap(element.current, optionsFor(district, at, zoom))
    made.setLayers({ devices: false, sites: false })
    map.current = made
    if (!at && ground?.bounds) made.fit(ground.bounds, { padding: [AROUND_PX, AROUND_PX, AROUND_PX, AROUND_PX], maxZoom: 18, atOnce: true })
    const stopReady = made.on('ready', () => { document.documentElement.dataset.ready = '' })
    const stop = onMap(made)
    return () => {
      stopReady()
      stop?.()
      map.current = null
      made.destroy()
    }
  }, [district?.revision])
  useEffect(() => map.current?.setStandpoint(bordersOf(ground)), [ground, district?.revision])
  useEffect(() => map.current?.setStandpoint({ position: fix }), [fix, district?.revision])

  return html`<div class="map ${rest.class ?? ''}" ref=${element}></div>`
}

/** A desk answers for so many grids that marking them all would mark none: the map's own lines do then. */
function bordersOf(ground) {
  const { own = [], around = [] } = ground ?? {}
  if (own.length > MOST_MARKED) return { own: [], neighbours: [] }
  return { own, neighbours: around.map((grid) => ({ name: nameOf(grid), geometry: grid.geometry })) }
}

const optionsFor = (district, at, zoom) => ({
  tiles: '/tiles',
  centre: at ? [at.lon, at.lat] : district.centre,
  zoom: zoom ?? FIRST_ZOOM,
  bounds: district.bounds,
  incidentTiles: false,
  revision: String(district.revision),
  theme: 'day',
  language: locale(),
  labels: t,
})

/** The map of two days, with what lies on it. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { locale, t } from '../shared/i18n.js'
import { createMap } from '../shared/map.js'
import { project, scaleOf, unproject } from '../shared/map/scale.js'
import { Icon } from '../shared/icons.js'
import { boxOfAll, boxOfGrid, differencePainter, gridAt, shapesOf } from './differences-layers.js'

const PADDING = [56, 56, 72, 56]

export function DifferenceMap({ me, found, chosen, theme, waiting, onChoose }) {
  const element = useRef()
  const host = useRef()
  const ear = useRef()
  const [view, look] = useState(null)
  ear.current = onChoose
  useEffect(() => {
    host.current = hostMap(element.current, me.district, { onChoose: (grid) => ear.current(grid), onMove: look })
    return () => host.current.stop()
  }, [])
  useEffect(() => host.current.show(found, chosen), [found])
  useEffect(() => host.current.choose(chosen), [chosen])
  useEffect(() => host.current.map.setTheme(), [theme])
  const zoom = (steps) => host.current.map.zoomBy(steps)
  const scale = view && scaleOf(view)
  return html`<main class="map-panel" aria-label=${t('Map')}>
    <div class="map" ref=${element}></div>
    ${waiting && html`<div class="busy-line" role="status"><span class="sr-only">${t('The server is at work…')}</span></div>`}
    <div class="floating zoom" role="group" aria-label=${t('Zoom')}>
      <button class="tool" aria-label=${t('Nearer')} title=${t('Nearer')} onClick=${() => zoom(1)}><${Icon} name="plus" /></button>
      <button class="tool" aria-label=${t('Farther')} title=${t('Farther')} onClick=${() => zoom(-1)}><${Icon} name="minus" /></button>
    </div>
    <div class="floating legend">
      <span><i class="line-old"></i>${t('Border before')}</span>
      <span><i class="line-draft"></i>${t('Border after')}</span>
      <span><i class="swatch swatch-moved"></i>${t('Changed hands')}</span>
      ${scale && html`<span class="scale"><i style=${{ width: `${scale.px}px` }} aria-hidden="true"></i>${scale.metres >= 1000 ? t('%(n)s km', { n: scale.metres / 1000 }) : t('%(n)s m', { n: scale.metres })}</span>`}
      ${me.district.credit && html`<small class="credit">${me.district.credit}</small>`}
    </div>
  </main>`
}

/** Build the map once; what it shows changes with the days. */
function hostMap(element, district, { onChoose, onMove }) {
  const map = createMap(element, {
    tiles: '/tiles', centre: district.centre, zoom: 12, bounds: district.bounds, revision: String(district.revision), language: locale(), labels: t,
  })
  map.setLayers({ incidents: false, devices: false, sites: false })
  let now = { shapes: shapesOf(null), chosen: null }
  const take = map.sketchpad.add(differencePainter(() => now))
  map.on('select', ({ lon, lat }) => {
    const grid = gridAt(now.shapes, project(lon, lat))
    if (grid) onChoose(Number(grid.id))
  })
  map.on('move', onMove)
  let isReady
  const ready = new Promise((resolve) => { isReady = resolve })
  map.on('ready', isReady)
  const go = (box, atOnce) => box && map.fit([...unproject(box.slice(0, 2)), ...unproject(box.slice(2))], { padding: PADDING, maxZoom: 17, atOnce })
  return {
    map,
    show(found, chosen) {
      if (!found) return
      const first = !now.found
      now = { found, shapes: shapesOf(found), chosen }
      map.sketchpad.redraw({ settled: true })
      go(boxOfGrid(now.shapes, chosen) ?? boxOfAll(now.shapes), first)
      // The page is complete once the first comparison stands on the map.
      ready.then(() => { document.documentElement.dataset.ready = '' })
    },
    choose(chosen) {
      now = { ...now, chosen }
      map.sketchpad.redraw({ settled: true })
      if (now.found && chosen !== null) go(boxOfGrid(now.shapes, chosen), false)
    },
    stop() {
      take()
      map.destroy()
    },
  }
}

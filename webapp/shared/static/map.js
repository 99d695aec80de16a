// The one door to the map. Nothing outside of map/ knows which library draws it.

import {
  DoubleClickZoom, DragPan, KeyboardPan, KeyboardZoom, Map as DrawnMap, MouseWheelZoom, PinchZoom, View,
} from '../vendor/ol.js'
import { DeviceLayers } from './map/devices.js'
import { GroundLayers } from './map/ground.js'
import { coordinatesOf, gridAt, nearest } from './map/hits.js'
import { IncidentLayers } from './map/incidents.js'
import { readPalette } from './map/palette.js'
import { PeopleLayer, ZoneLayer, siteLayer, siteStyle } from './map/places.js'
import { project, stretchAt, unproject, zoomOf } from './map/scale.js'
import { SelectionLayers } from './map/selection.js'
import { pointAt, tileSource } from './map/tiles.js'

const TILE_LAYERS = ['basemap', 'grids', 'areas', 'incidents', 'devices', 'sites']
/** What changes with the hour; the rest changes with an edition. */
const TIMED = ['grids', 'areas', 'incidents', 'devices']
const ZOOM = { least: 10, most: 19 }

/**
 * @typedef {object} MapOptions
 * @property {string} tiles  path before the layer, such as "/tiles"
 * @property {[number, number]} centre  longitude and latitude, degrees
 * @property {number} zoom  256 px to a tile
 * @property {[number, number, number, number]} [bounds]  west, south, east, north of the district, degrees
 * @property {string|Record<string, string>} [revision]  of all tiles, or of each layer
 * @property {'desk'|'wall'|'day'} [theme]  the page's own unless given
 * @property {string} [language]  BCP 47; names in that language where there are any
 * @property {(text: string) => string} [labels]  translates the few words of the map itself
 */

/**
 * Build a map in an element.
 * @param {HTMLElement} element
 * @param {MapOptions} options
 * @returns {GridMap}
 */
export const createMap = (element, options) => new GridMap(element, options)

/** A live map of a district. */
class GridMap {
  /** @param {HTMLElement} element @param {MapOptions} options */
  constructor(element, options) {
    const { bounds, centre, language = 'zh', labels = (text) => text } = options
    this.element = element
    this.options = options
    this.listeners = { select: new Set(), hover: new Set(), move: new Set(), ready: new Set(), idle: new Set() }
    this.address = { revision: options.revision ?? '', asOf: null }
    this.extent = bounds && [...project(bounds[0], bounds[1]), ...project(bounds[2], bounds[3])]
    this.stretch = stretchAt(centre[1])
    element.tabIndex = 0
    element.setAttribute('role', 'application')
    element.setAttribute('aria-label', labels('Map of the district'))
    this.buildLayers(language)
    this.map = new DrawnMap({
      target: element,
      controls: [],
      layers: this.stack(),
      interactions: interactions(),
      view: this.makeView(options),
      moveTolerance: 3,
    })
    this.setTheme(options.theme)
    this.listen()
  }

  buildLayers(language) {
    const { stretch } = this
    this.sources = Object.fromEntries(TILE_LAYERS.map((name) => [name, tileSource(name, this.tileOptions(name))]))
    this.ground = new GroundLayers(this.sources, { stretch, language })
    this.incidents = new IncidentLayers(this.sources.incidents)
    this.devices = new DeviceLayers(this.sources.devices, {
      stretch,
      buildings: (extent) => this.ground.base.getFeaturesInExtent(extent).filter((feature) => feature.get('of') === 'building'),
    })
    this.sites = siteLayer(this.sources.sites)
    this.people = new PeopleLayer()
    this.zones = new ZoneLayer()
    this.selection = new SelectionLayers({ stretch, gridCentre: (id) => this.gridCentre(id), gridPieces: (id) => this.gridFeatures('grids', id) })
  }

  /** From below to above; what stands higher keeps its label where two collide. */
  stack() {
    const { ground, incidents, devices, sites, people, zones, selection } = this
    return [
      ground.land, ground.base, ground.grids, devices.coneLayer, zones.layer, selection.gridLayer, sites,
      ground.streetNames, ground.gridNames, ground.areaNames, devices.tileLayer, people.layer, incidents.tileLayer, incidents.liveLayer, selection.layer,
    ]
  }

  makeView({ centre, zoom }) {
    return new View({
      center: project(...centre), zoom, minZoom: ZOOM.least, maxZoom: ZOOM.most,
      enableRotation: false, extent: this.extent && grow(this.extent, 0.25), constrainOnlyCenter: true, showFullExtent: true,
    })
  }

  tileOptions(name) {
    const { revision, asOf } = this.address
    const address = {
      revision: typeof revision === 'string' ? revision : revision[name] ?? '',
      asOf: TIMED.includes(name) ? asOf : null,
    }
    return { base: this.options.tiles, extent: this.extent, address }
  }

  listen() {
    const { map } = this
    map.once('rendercomplete', () => {
      this.element.dataset.ready = ''
      this.fire('ready', this.getView())
    })
    map.on('rendercomplete', () => this.rest())
    map.on('moveend', () => this.fire('move', this.getView()))
    map.on('singleclick', ({ pixel }) => this.fire('select', this.hitAt(pixel)))
    let waiting = false
    map.on('pointermove', ({ dragging, pixel }) => {
      if (dragging || waiting) return
      waiting = true
      requestAnimationFrame(() => {
        waiting = false
        const hit = this.hitAt(pixel)
        this.element.style.cursor = ['grid', 'place'].includes(hit.kind) ? '' : 'pointer'
        this.fire('hover', hit)
      })
    })
  }

  /** All tiles are there and drawn: work that needs them, then the news. */
  rest() {
    const { extent, resolution } = this.frame()
    const key = [...extent, this.devices.tileLayer.getVisible(), this.theme].join()
    if (this.rested !== key) {
      this.rested = key
      this.devices.look(extent, resolution)
      this.selection.place()
    }
    if (this.settling) {
      this.incidents.settle(this.settling)
      this.settling = undefined
    }
    this.fire('idle', this.getView())
  }

  frame() {
    const view = this.map.getView()
    return { extent: view.calculateExtent(this.map.getSize()), resolution: view.getResolution() }
  }

  // What is shown

  /** @param {'desk'|'wall'|'day'} [theme]  without one, the page's own is read again */
  setTheme(theme) {
    if (theme) this.element.dataset.theme = theme
    const palette = readPalette(this.element)
    this.element.style.backgroundColor = palette.mapOutside
    for (const part of [this.ground, this.incidents, this.devices, this.people, this.zones, this.selection]) part.paint(palette)
    this.sites.setStyle(siteStyle(palette))
    this.theme = theme
    this.rested = undefined
  }

  /** @param {import('./map/grid-style.js').Colouring} colouring */
  setColouring(colouring) {
    this.ground.colour(colouring)
  }

  /** @param {Map<number, {open?: number, overdue?: number, rounds?: number}>} load  `rounds`: share made, 0..1 */
  setLoad(load) {
    this.ground.count(load)
  }

  /** @param {Partial<Record<'incidents'|'devices'|'people'|'zones'|'sites', boolean>>} shown */
  setLayers(shown) {
    const layers = {
      incidents: [this.incidents.tileLayer, this.incidents.liveLayer], devices: [this.devices.tileLayer, this.devices.coneLayer],
      people: [this.people.layer], zones: [this.zones.layer], sites: [this.sites],
    }
    for (const [name, on] of Object.entries(shown)) for (const layer of layers[name]) layer.setVisible(on)
    this.rested = undefined
  }

  /** @param {import('./map/incidents.js').Incident[]} incidents */
  setIncidents(incidents) {
    this.incidents.replace(incidents)
  }

  /** @param {import('./map/incidents.js').Incident} incident */
  upsertIncident(incident) {
    this.incidents.upsert(incident)
  }

  /** @param {string} id */
  removeIncident(id) {
    this.incidents.remove(id)
  }

  /** @param {{id: string, lon: number, lat: number, surname: string, stale: boolean}[]} people */
  setPeople(people) {
    this.people.set(people)
  }

  /** @param {{id: string, ring: [number, number][], tag: string}[]} zones */
  setZones(zones) {
    this.zones.set(zones)
  }

  /** @param {Date|null} day  the map as it was then; null for now, which alone is live */
  setAsOf(day) {
    this.address.asOf = day
    this.incidents.liveLayer.setVisible(day === null && this.incidents.tileLayer.getVisible())
    this.refresh(TIMED)
  }

  /**
   * Ask for newer tiles. What was put live before is dropped once they are drawn, since they say it themselves.
   * @param {string|Record<string, string>} revision
   */
  setRevision(revision) {
    const before = this.address.revision
    this.address.revision = revision
    const of = (given, name) => (typeof given === 'string' ? given : given[name])
    const changed = (name) => of(revision, name) !== of(before, name)
    if (changed('incidents')) this.settling = this.incidents.pending
    this.refresh(TILE_LAYERS.filter(changed))
  }

  refresh(names) {
    for (const name of names) pointAt(this.sources[name], name, this.tileOptions(name))
  }

  /** @param {import('./map/selection.js').Selected|null} selected */
  select(selected) {
    this.selection.show(selected)
  }

  // Where one looks

  /** @param {{lon: number, lat: number, zoom?: number}} place */
  flyTo({ lon, lat, zoom }) {
    this.map.getView().animate({ center: project(lon, lat), zoom, duration: this.flightMs() })
  }

  /** @param {[number, number, number, number]} bounds  west, south, east, north @param {{padding?: number[], maxZoom?: number}} [options] */
  fit([west, south, east, north], { padding = [24, 24, 24, 24], maxZoom = 17 } = {}) {
    this.map.getView().fit([...project(west, south), ...project(east, north)], { padding, maxZoom, duration: this.flightMs() })
  }

  /** @param {number} steps  whole zoom levels, negative outwards */
  zoomBy(steps) {
    const view = this.map.getView()
    view.animate({ zoom: Math.round(view.getZoom()) + steps, duration: this.flightMs() })
  }

  /** @returns {{centre: [number, number], zoom: number, bounds: number[], metresPerPixel: number}} */
  getView() {
    const { extent, resolution } = this.frame()
    return {
      centre: unproject(this.map.getView().getCenter()),
      zoom: zoomOf(resolution),
      bounds: [...unproject(extent.slice(0, 2)), ...unproject(extent.slice(2))],
      metresPerPixel: resolution / this.stretch,
    }
  }

  /** @param {[number, number]} lonlat @returns {[number, number]} pixels from the map's top left */
  toPixel([lon, lat]) {
    return this.map.getPixelFromCoordinate(project(lon, lat))
  }

  /** @param {[number, number]} pixel @returns {[number, number]} longitude and latitude */
  fromPixel(pixel) {
    return unproject(this.map.getCoordinateFromPixel(pixel))
  }

  flightMs() {
    return parseFloat(getComputedStyle(this.element).getPropertyValue('--motion-slow')) || 0
  }

  // What happens

  /** @param {'select'|'hover'|'move'|'ready'|'idle'} event @param {(news: object) => void} listener @returns {() => void} stops listening */
  on(event, listener) {
    this.listeners[event].add(listener)
    return () => this.listeners[event].delete(listener)
  }

  fire(event, news) {
    for (const listener of this.listeners[event]) listener(news)
  }

  /** @param {number[]} pixel @returns {import('./map/hits.js').Hit} */
  hitAt(pixel) {
    const at = this.map.getCoordinateFromPixel(pixel)
    const { resolution } = this.frame()
    const reach = Math.max(12, readPx(this.element, '--symbol-size') * 0.8) * resolution
    const around = [at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach]
    const symbols = [
      ['incident', this.incidents.liveLayer], ['incident', this.incidents.tileLayer], ['person', this.people.layer],
      ['device', this.devices.tileLayer], ['site', this.sites],
    ]
    for (const [kind, layer] of symbols) {
      if (!layer.isVisible(this.map.getView())) continue
      const found = layer.getSource().getFeaturesInExtent?.(around) ?? layer.getFeaturesInExtent(around)
      const feature = nearest(found.filter((one) => kind !== 'incident' || !this.isStale(layer, one)), at, reach)
      if (feature) return hit(feature.get('n') > 1 ? 'cluster' : kind, feature, unproject(coordinatesOf(feature)))
    }
    const grid = gridAt(this.ground.grids.getFeaturesInExtent([...at, ...at]), at)
    const [lon, lat] = unproject(at)
    return grid ? hit('grid', grid, [lon, lat]) : { kind: 'place', lon, lat, properties: {} }
  }

  isStale(layer, feature) {
    return layer === this.incidents.tileLayer && this.incidents.changed.has(feature.get('id'))
  }

  gridCentre(id) {
    const [label] = this.gridFeatures('grid_labels', id)
    return label && coordinatesOf(label)
  }

  /** What the tiles in view hold of a grid. */
  gridFeatures(of, id) {
    const near = grow(this.frame().extent, 0.2)
    return this.ground.grids.getFeaturesInExtent(near).filter((one) => one.get('of') === of && one.getId() === id)
  }

  /** Take the map off the page. */
  destroy() {
    this.map.setTarget(undefined)
    this.map.dispose()
    delete this.element.dataset.ready
  }
}

const readPx = (element, name) => parseFloat(getComputedStyle(element).getPropertyValue(name))

function hit(kind, feature, [lon, lat]) {
  const { geometry: _, ...properties } = feature.getProperties()
  return { kind, id: properties.id ?? feature.getId(), lon, lat, properties }
}

function interactions() {
  return [new DragPan(), new DoubleClickZoom(), new PinchZoom(), new KeyboardPan(), new KeyboardZoom(), new MouseWheelZoom({ constrainResolution: true })]
}

/** @param {number[]} extent @param {number} share @returns {number[]} the extent with so much more on each side */
function grow([west, south, east, north], share) {
  const [dx, dy] = [(east - west) * share, (north - south) * share]
  return [west - dx, south - dy, east + dx, north + dy]
}

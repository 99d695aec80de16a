// The one door to the map. Nothing outside of map/ knows which library draws it.

import { project, unproject, zoomOf } from './map/scale.js'
import { Stage, TILE_LAYERS } from './map/stage.js'
import { dragPin } from './map/standpoint.js'

/** What changes with the day that is looked at. */
const TIMED = ['grids', 'areas', 'incidents', 'devices']

/**
 * @typedef {object} MapOptions
 * @property {string} [tiles]  path before the layer, such as "/tiles"; without it the ground stays bare
 * @property {[number, number]} centre  longitude and latitude, degrees
 * @property {number} zoom  256 px to a tile
 * @property {[number, number, number, number]} [bounds]  west, south, east, north of the district, degrees
 * @property {boolean} [incidentTiles]  false: only incidents that are put are shown
 * @property {string|Record<string, string>} [revision]  of all tiles, or of each layer
 * @property {'desk'|'wall'|'day'} [theme]  the page's own unless given
 * @property {string} [language]  BCP 47; names in that language where there are any
 * @property {Date|null} [asOf]  the day that is looked at first; null for now
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
    const { revision = '', labels = (text) => text } = options
    this.element = element
    this.revision = revision
    this.asOf = options.asOf ?? null
    this.listeners = { select: new Set(), hover: new Set(), move: new Set(), usable: new Set(), ready: new Set(), idle: new Set(), pin: new Set() }
    element.tabIndex = 0
    element.setAttribute('role', 'application')
    element.setAttribute('aria-label', labels('Map of the district'))
    this.stage = new Stage(element, options, (name) => this.addressOf(name))
    this.stage.incidents.live = this.asOf === null
    this.setTheme(options.theme)
    this.listen(this.stage.map)
  }

  listen(map) {
    this.stage.onceDrawn('grids', () => this.fire('usable', this.getView()))
    map.once('rendercomplete', () => {
      this.element.dataset.ready = ''
      this.fire('ready', this.getView())
    })
    map.on('rendercomplete', () => this.fire('idle', this.getView()))
    dragPin(this.element, { pinAt: () => this.pinPixel(), onMove: (pixel, done) => this.movePin(pixel, done) })
    map.on('moveend', () => this.fire('move', this.getView()))
    map.on('singleclick', ({ pixel }) => this.fire('select', this.stage.hitAt(pixel)))
    let waiting = false
    map.on('pointermove', ({ dragging, pixel }) => {
      if (dragging || waiting) return
      waiting = true
      requestAnimationFrame(() => {
        waiting = false
        const hit = this.stage.hitAt(pixel)
        this.element.style.cursor = ['grid', 'place'].includes(hit.kind) ? '' : 'pointer'
        this.fire('hover', hit)
      })
    })
  }

  // What is shown

  /** @param {'desk'|'wall'|'day'} [theme]  without one, the page's own is read again */
  setTheme(theme) {
    if (theme) this.element.dataset.theme = theme
    this.stage.paint()
  }

  /** @param {import('./map/grid-style.js').Colouring} colouring */
  setColouring(colouring) {
    this.stage.ground.colour(colouring)
    this.stage.changed()
  }

  /** @param {Map<number, {open?: number, overdue?: number, rounds?: number}>} load  `rounds`: share made, 0..1 */
  setLoad(load) {
    this.stage.ground.count(load)
  }

  /** @param {Partial<Record<'incidents'|'devices'|'people'|'zones'|'sites', boolean>>} shown */
  setLayers(shown) {
    const { incidents, devices, people, zones, sites } = this.stage
    const layers = { incidents: [incidents.layer], devices: [devices.layer, devices.coneLayer], zones: [zones.layer], sites: [sites.layer] }
    for (const [name, on] of Object.entries(shown)) {
      if (name === 'people') people.visible = on
      else for (const layer of layers[name]) layer.setVisible(on)
    }
    this.stage.changed()
  }

  /** @param {import('./map/incidents.js').Incident[]} incidents  replaces what was put before; the tiles' own stay */
  setIncidents(incidents) {
    this.stage.incidents.replace(incidents)
    this.stage.changed()
  }

  /**
   * Count incidents by area in the place of showing them, from where nobody asks which.
   * @param {{area: {label: number[]}, n: number, s1: number, s2: number, s3: number, s4: number}[]|null} tallies
   *   `label`: longitude and latitude; null shows the incidents again
   */
  setTallies(tallies) {
    this.stage.incidents.tallies = tallies
    this.stage.changed()
  }

  /** @param {import('./map/incidents.js').Incident} incident */
  upsertIncident(incident) {
    this.stage.incidents.upsert(incident)
    this.stage.changedLive()
  }

  /** @param {string} id */
  removeIncident(id) {
    this.stage.incidents.remove(id)
    this.stage.changedLive()
  }

  /** @param {import('./map/places.js').Person[]} people */
  setPeople(people) {
    this.stage.people.people = people
    this.stage.settleSoon()
  }

  /** @param {import('./map/places.js').Zone[]} zones */
  setZones(zones) {
    this.stage.zones.set(zones)
    this.stage.settleSoon()
  }

  /**
   * Show where the reader stands, what is theirs, and the pin of a place that is being chosen.
   * @param {import('./map/standpoint.js').Standpoint} changes  what is not named stays
   */
  setStandpoint(changes) {
    this.stage.standpoint.set(changes)
    if (changes.neighbours) this.stage.settleSoon()
  }

  pinPixel() {
    const { pin } = this.stage.standpoint.said
    return pin && this.toPixel([pin.lon, pin.lat])
  }

  movePin(pixel, done) {
    const [lon, lat] = this.fromPixel(pixel)
    this.setStandpoint({ pin: { lon, lat } })
    this.fire('pin', { lon, lat, done })
  }

  /**
   * Show shapes that are not in the database, such as those of a file, and what is wrong with them.
   * @param {import('./map/outlines.js').Outline[]} outlines
   * @param {import('./map/outlines.js').Flaw[]} [flaws]
   */
  setOutlines(outlines, flaws = []) {
    this.stage.outlines.set(outlines, flaws)
    this.stage.changed()
  }

  /** @param {import('./map/outlines.js').Chosen} chosen */
  chooseOutline(chosen) {
    this.stage.outlines.choose(chosen)
    this.stage.changed()
  }

  /** @param {Date|null} day  the map as it was then; null for now, which alone is live */
  setAsOf(day) {
    this.asOf = day
    this.stage.incidents.live = day === null
    this.stage.refresh(TIMED)
    this.stage.changed()
  }

  /**
   * Ask for newer tiles. What was put live before is dropped once they are drawn, since they say it themselves.
   * @param {string|Record<string, string>} revision
   */
  setRevision(revision) {
    const before = this.revision
    const of = (given, name) => (typeof given === 'string' ? given : given[name])
    const changed = TILE_LAYERS.filter((name) => of(revision, name) !== of(before, name))
    this.revision = revision
    this.stage.refresh(changed.filter((name) => name !== 'incidents'))
    if (changed.includes('incidents')) this.stage.renewIncidents()
  }

  addressOf(name) {
    const revision = typeof this.revision === 'string' ? this.revision : this.revision[name] ?? ''
    return { revision, asOf: TIMED.includes(name) ? this.asOf : null }
  }

  /** @param {import('./map/selection.js').Selected|null} selected */
  select(selected) {
    this.stage.selection.selected = selected
    this.stage.changed()
  }

  // Where one looks

  /** @param {{lon: number, lat: number, zoom?: number}} place */
  flyTo({ lon, lat, zoom }) {
    const view = this.stage.map.getView()
    // Where one wants to go now ends the flight to where one wanted before.
    view.cancelAnimations()
    view.animate({ center: project(lon, lat), zoom, duration: this.flightMs() })
  }

  /**
   * @param {[number, number, number, number]} bounds  west, south, east, north
   * @param {{padding?: number[], maxZoom?: number, atOnce?: boolean}} [options]  `atOnce`: a first look flies from nowhere
   */
  fit([west, south, east, north], { padding = [24, 24, 24, 24], maxZoom = 17, atOnce = false } = {}) {
    const view = this.stage.map.getView()
    view.cancelAnimations()
    view.fit([...project(west, south), ...project(east, north)], { padding, maxZoom, duration: atOnce ? 0 : this.flightMs() })
  }

  /** @param {number} steps  whole zoom levels, negative outwards */
  zoomBy(steps) {
    const view = this.stage.map.getView()
    view.animate({ zoom: Math.round(view.getZoom()) + steps, duration: this.flightMs() })
  }

  /** @returns {{centre: [number, number], zoom: number, bounds: number[], metresPerPixel: number}} */
  getView() {
    const { extent, resolution } = this.stage.frame()
    return {
      centre: unproject(this.stage.map.getView().getCenter()),
      zoom: zoomOf(resolution),
      bounds: [...unproject(extent.slice(0, 2)), ...unproject(extent.slice(2))],
      metresPerPixel: resolution / this.stage.stretch,
    }
  }

  /** @param {[number, number]} lonlat @returns {[number, number]} CSS pixels from the map's top left */
  toPixel([lon, lat]) {
    return this.stage.map.getPixelFromCoordinate(project(lon, lat))
  }

  /** @param {[number, number]} pixel @returns {[number, number]} longitude and latitude */
  fromPixel(pixel) {
    return unproject(this.stage.map.getCoordinateFromPixel(pixel))
  }

  /** @param {[number, number]} pixel  CSS pixels from the map's top left @returns {import('./map/hits.js').Hit} */
  hitAt(pixel) {
    return this.stage.hitAt(pixel)
  }

  flightMs() {
    return parseFloat(getComputedStyle(this.element).getPropertyValue('--motion-slow')) || 0
  }

  // What happens

  /**
   * @param {'select'|'hover'|'move'|'usable'|'ready'|'idle'|'pin'} event
   * @param {(news: object) => void} listener  of a Hit for select and hover, of a place for pin, of the view for the others
   * @returns {() => void} stops listening
   */
  on(event, listener) {
    this.listeners[event].add(listener)
    return () => this.listeners[event].delete(listener)
  }

  fire(event, news) {
    for (const listener of this.listeners[event]) listener(news)
  }

  /** @returns {import('./map/sketchpad.js').Sketchpad} where a page draws itself */
  get sketchpad() {
    return this.stage.sketchpad
  }

  /** Take the map off the page. */
  destroy() {
    this.stage.destroy()
    delete this.element.dataset.ready
  }
}

// The stage of the map: sources, layers and marks in their order, and when each is worked out anew.

import {
  DoubleClickZoom, DragPan, KeyboardPan, KeyboardZoom, Map as DrawnMap, MouseWheelZoom, PinchZoom, View,
} from '../../vendor/ol.js'
import { DeviceMarks } from './devices.js'
import { GroundLayers } from './ground.js'
import { gridAt, nearest } from './hits.js'
import { IncidentMarks } from './incidents.js'
import { drawMarks, frameOf, settle } from './marks.js'
import { OutlineMarks } from './outlines.js'
import { readPalette } from './palette.js'
import { PeopleMarks, SiteMarks, ZoneMarks } from './places.js'
import { project, stretchAt, unproject } from './scale.js'
import { SelectionMarks } from './selection.js'
import { Sketchpad } from './sketchpad.js'
import { StandpointMarks } from './standpoint.js'
import { pointAt, tileSource } from './tiles.js'

export const TILE_LAYERS = ['basemap', 'grids', 'areas', 'incidents', 'devices', 'sites']
const ZOOM = { least: 10, most: 19 }
/** Marks are settled for so much more than is seen, on each side, that a drag seldom runs out of them. */
const BEYOND = 0.35
/** Tiles come in bursts; marks are settled at most this often, and less while the first picture is still coming. */
const SETTLE_MS = 120
const FIRST_SETTLE_MS = 300
const TILE_EVENTS = ['tileloadstart', 'tileloadend', 'tileloaderror']
/** So long a change is drawn beside the tiles before these are asked again. */
const LIVE_MS = 15_000
/** Least reach of a finger or a pointer around a symbol, CSS pixels. */
const REACH_PX = 12

export class Stage {
  /**
   * @param {HTMLElement} element
   * @param {import('../map.js').MapOptions} options
   * @param {(name: string) => {revision: string, asOf: Date|null}} addressOf  which tiles of a layer are wanted
   */
  constructor(element, options, addressOf) {
    this.element = element
    this.addressOf = addressOf
    this.tiles = options.tiles
    this.bounds = options.bounds && [...project(...options.bounds.slice(0, 2)), ...project(...options.bounds.slice(2))]
    this.stretch = stretchAt(options.centre[1])
    this.marks = []
    this.turn = 0
    this.makeParts(options)
    this.map = new DrawnMap({
      target: element, controls: [], moveTolerance: 3, interactions: interactions(), view: this.makeView(options), layers: this.layers(),
    })
    this.listen()
  }

  makeParts({ language = 'zh', incidentTiles = true }) {
    const { stretch } = this
    this.sources = Object.fromEntries(TILE_LAYERS.map((name) => [name, tileSource(name, this.placeOf(name))]))
    this.ground = new GroundLayers(this.sources, { stretch, language, onRepaint: () => this.settleSoon() })
    this.incidents = new IncidentMarks(this.sources.incidents, { fromTiles: incidentTiles })
    this.devices = new DeviceMarks(this.sources.devices, { stretch, buildings: (extent) => this.ground.base.featuresOf('building', extent) })
    this.sites = new SiteMarks(this.sources.sites, language)
    this.people = new PeopleMarks()
    this.zones = new ZoneMarks()
    this.outlines = new OutlineMarks()
    this.standpoint = new StandpointMarks(stretch)
    this.sketchpad = new Sketchpad(this)
    this.selection = new SelectionMarks({
      stretch,
      gridCentre: (id) => this.gridFeatures('grid_labels', id)[0]?.getFlatCoordinates(),
      gridPieces: (id) => this.gridFeatures('grids', id),
    })
    this.parts = [this.ground, this.incidents, this.devices, this.sites, this.people, this.zones, this.outlines, this.selection, this.standpoint, this.sketchpad]
  }

  /** From below to above. Layers of symbols fetch tiles and draw nothing: their marks are drawn last, over all. */
  layers() {
    const { ground, devices, zones, outlines, selection, incidents, sites, standpoint, sketchpad } = this
    const told = incidents.fromTiles ? [incidents.layer] : []
    const under = [ground.land, ground.base, ground.grids, devices.layer, sites.layer, ...told, devices.coneLayer]
    return [...under, standpoint.groundLayer, zones.layer, outlines.layer, sketchpad.layer, selection.layer, sketchpad.overLayer, standpoint.layer]
  }

  /** Firmest first: a later one gives way, and is drawn below. */
  groups(extent, resolution) {
    const [areas, grids, streets] = this.ground.marks(extent, resolution)
    const of = (part) => part.marks(extent, resolution)
    const { selection, outlines, incidents, people, devices, zones, sites, standpoint, sketchpad } = this
    const around = standpoint.marks(this.frame().extent, resolution)
    return [of(selection), of(outlines), of(sketchpad), of(incidents), of(people), of(devices), of(zones), areas, grids, around, of(sites), streets]
  }

  makeView({ centre, zoom }) {
    return new View({
      center: project(...centre), zoom, minZoom: ZOOM.least, maxZoom: ZOOM.most, enableRotation: false,
      extent: this.bounds && grow(this.bounds, 0.25), constrainOnlyCenter: true,
    })
  }

  placeOf(name) {
    const turn = name === 'incidents' ? this.turn : 0
    return { base: this.tiles, extent: this.bounds, address: { ...this.addressOf(name), turn } }
  }

  listen() {
    const { map, sources, selection } = this
    for (const source of Object.values(sources)) source.on('tileloadend', () => this.settleSoon())
    selection.layer.on('postrender', ({ context, frameState }) => drawMarks(context, this.marks, frameOf(frameState)))
    map.on('moveend', () => this.settleSoon())
    map.once('rendercomplete', () => { this.whole = true })
    map.on('rendercomplete', () => this.rest())
  }

  /**
   * Tell, once, when the tiles of a layer that are in view are on the screen, whatever else is still on its way.
   * @param {string} name  of the layer
   * @param {() => void} tell
   */
  onceDrawn(name, tell) {
    const source = this.sources[name]
    let coming = 0
    const watch = ({ type }) => {
      coming += type === 'tileloadstart' ? 1 : -1
      if (coming) return
      this.map.once('postrender', () => setTimeout(() => {
        if (coming || !tell) return
        for (const event of TILE_EVENTS) source.un(event, watch)
        tell()
        tell = undefined
      }))
    }
    for (const event of TILE_EVENTS) source.on(event, watch)
  }

  /** @param {string[]} names  layers whose tiles are wanted anew */
  refresh(names) {
    for (const name of names) pointAt(this.sources[name], name, this.placeOf(name))
  }

  /** Ask for newer tiles of incidents, which say themselves what until now was drawn beside them. */
  renewIncidents() {
    const pending = this.incidents.pending
    this.turn += 1
    this.refresh(['incidents'])
    // From the next frame on the map is complete only when the new tiles are there.
    this.map.once('postrender', () => { this.told = pending })
  }

  /** What has just happened is drawn beside the tiles; after a while the tiles are asked again, and say it themselves. */
  changedLive() {
    this.settleSoon()
    this.refreshing ??= setTimeout(() => {
      this.refreshing = undefined
      if (this.incidents.live && this.incidents.fromTiles) this.renewIncidents()
    }, LIVE_MS)
  }

  /** Read the theme and draw everything in it. */
  paint() {
    this.palette = readPalette(this.element)
    this.element.style.backgroundColor = this.palette.mapOutside
    for (const part of this.parts) part.paint(this.palette)
    this.changed()
  }

  /** Something was put, taken or selected. */
  changed() {
    this.rested = undefined
    this.selection.place()
    this.settle()
    this.map.render()
  }

  settleSoon() {
    this.reachable = undefined
    this.settling ??= setTimeout(() => {
      this.settling = undefined
      if (this.map.getView().getAnimating()) this.settleSoon()
      else this.settle()
      this.map.render()
    }, this.whole ? SETTLE_MS : FIRST_SETTLE_MS)
  }

  settle() {
    if (!this.map.getSize()) return
    this.reachable = undefined
    const { extent, resolution } = this.frame()
    this.marks = settle(this.groups(grow(extent, BEYOND), resolution), resolution, this.palette.pixelRatio)
  }

  /** All tiles are there and drawn: the marks of the last of them, and what needs them all. */
  rest() {
    const view = this.map.getView()
    // Under a hand that drags, every frame is complete; the work is for when it lets go.
    if (view.getInteracting() || view.getAnimating()) return
    if (this.told) this.tellByTiles()
    const { extent, resolution } = this.frame()
    if (this.rested === extent.join() && this.settling === undefined) return
    this.rested = extent.join()
    clearTimeout(this.settling)
    this.settling = undefined
    this.devices.look(extent, resolution)
    this.selection.place()
    this.settle()
    this.map.render()
  }

  tellByTiles() {
    this.incidents.settle(this.told)
    this.told = undefined
    this.rested = undefined
  }

  frame() {
    const view = this.map.getView()
    return { extent: view.calculateExtent(this.map.getSize()), resolution: view.getResolution() }
  }

  /** What the tiles in view hold of a grid. */
  gridFeatures(of, id) {
    return this.ground.grids.featuresOf(of, grow(this.frame().extent, BEYOND)).filter((feature) => feature.getId() === id)
  }

  /** @param {number[]} pixel @returns {import('./hits.js').Hit} */
  hitAt(pixel) {
    const at = this.map.getCoordinateFromPixel(pixel)
    const { resolution } = this.frame()
    const reach = Math.max(REACH_PX, this.palette.symbolPx * 0.8) * resolution
    const drawn = this.outlines.hit(at, reach)
    if (drawn) return hit(drawn.kind, { id: drawn.id }, unproject(drawn.at))
    this.reachable ??= this.things()
    for (const [kind, things] of this.reachable) {
      const thing = nearest(things, at, reach)
      if (thing) return hit(thing.properties.n > 0 ? 'cluster' : kind, thing.properties, unproject(thing.at))
    }
    const grid = gridAt(this.ground.grids.featuresOf('grids', [...at, ...at]), at)
    return grid ? hit('grid', { id: grid.getId(), ...grid.getProperties() }, unproject(at)) : hit('place', {}, unproject(at))
  }

  /** All symbols on the stage, firmest first; kept until something changes, for a pointer asks with every move. */
  things() {
    const { extent, resolution } = this.frame()
    const wide = grow(extent, BEYOND)
    const { incidents, people, devices, sites } = this
    const parts = [['incident', incidents], ['person', people], ['device', devices], ['site', sites]]
    return parts.map(([kind, part]) => [kind, part.things(wide, resolution)])
  }

  destroy() {
    clearTimeout(this.settling)
    clearTimeout(this.refreshing)
    this.map.setTarget(undefined)
    this.map.dispose()
  }
}

const hit = (kind, properties, [lon, lat]) => ({ kind, id: properties.id, lon, lat, properties })

function interactions() {
  const wheel = new MouseWheelZoom({ constrainResolution: true })
  return [new DragPan(), new DoubleClickZoom(), new PinchZoom(), new KeyboardPan(), new KeyboardZoom(), wheel]
}

/** @param {number[]} extent @param {number} share @returns {number[]} the extent with so much more on each side */
function grow([west, south, east, north], share) {
  const [dx, dy] = [(east - west) * share, (north - south) * share]
  return [west - dx, south - dy, east + dx, north + dy]
}

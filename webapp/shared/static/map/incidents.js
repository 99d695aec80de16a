// Incidents: what the tiles say, and on top of it what has happened since they were made.

import { keepsake } from './canvas.js'
import { joinOverlapping } from './clusters.js'
import { thingOf } from './hits.js'
import { project, zoomOf } from './scale.js'
import { clusterPicture, clusterSize, incidentPicture } from './symbols.js'
import { SharpTileLayer } from './tiles.js'

/** Up to this zoom one looks for where, not for which. */
const JOINED_UNTIL = 14.5

/**
 * @typedef {{id: string, lon: number, lat: number, severity: number, state: string, overdue?: boolean}} Incident
 * An incident that is open, in WGS 84 degrees.
 */

export class IncidentMarks {
  /**
   * @param {import('../../vendor/ol.js').VectorTileSource} tiles
   * @param {{ fromTiles?: boolean }} [options]  false: only what is put is shown, and no tile is asked for
   */
  constructor(tiles, { fromTiles = true } = {}) {
    this.fromTiles = fromTiles
    /** @type {Map<string, Incident|null>}  what has changed since the tiles were made; null when it is gone */
    this.changed = new Map()
    this.live = true
    this.tallies = null
    this.layer = new SharpTileLayer({ source: tiles, renderMode: 'vector', style: null })
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    const pictures = keepsake(800)
    this.sizeOf = ({ n }) => (n > 1 ? clusterSize(palette, n) : palette.symbolPx)
    this.pictureOf = ({ severity, state, overdue }) =>
      pictures(`${severity}|${state}|${Boolean(overdue)}`, () => incidentPicture(palette, { severity, state, overdue: Boolean(overdue) }))
    this.pictureOfCluster = ({ n, s1 = 0, s2 = 0, s3 = 0, s4 = 0 }) =>
      pictures(`${n}|${s1}|${s2}|${s3}|${s4}`, () => clusterPicture(palette, { n, s1, s2, s3, s4 }))
  }

  /** @param {Incident[]} incidents  replaces all that was put before */
  replace(incidents) {
    this.changed = new Map(incidents.map((incident) => [incident.id, incident]))
  }

  /** @param {Incident} incident */
  upsert(incident) {
    this.changed.set(incident.id, incident)
  }

  /** @param {string} id */
  remove(id) {
    this.changed.set(id, null)
  }

  /** The changes put so far; once tiles of a later revision are there, they say it themselves. */
  get pending() {
    return [...this.changed]
  }

  /** @param {[string, Incident|null][]} changes  a change that came after them stays */
  settle(changes) {
    for (const [id, incident] of changes) if (this.changed.get(id) === incident) this.changed.delete(id)
  }

  /** Incidents and clusters in view, as hits; from afar joined where they overlap. */
  things(extent, resolution) {
    const things = this.said(extent)
    return zoomOf(resolution) < JOINED_UNTIL && !this.tallies ? joinOverlapping(things, resolution, this.sizeOf) : things
  }

  /** What the tiles say, with what has changed since. */
  said(extent) {
    if (!this.layer.getVisible()) return []
    if (this.tallies) return this.tallies.map(({ area, ...counts }) => ({ at: project(...area.label), properties: counts }))
    const tiles = this.fromTiles ? this.layer.featuresOf('incidents', extent).map(thingOf) : []
    const live = this.live ? [...this.changed.values()].filter(Boolean) : []
    return [
      ...live.map((incident) => ({ at: project(incident.lon, incident.lat), properties: incident })),
      ...(this.live ? tiles.filter(({ properties }) => !this.changed.has(properties.id)) : tiles),
    ]
  }

  /** @returns {import('./marks.js').Mark[]}  life at risk first, then what is overdue, clusters last */
  marks(extent, resolution) {
    const firmness = ({ properties: { n, severity, overdue } }) => (n > 1 ? 9 : severity - (overdue ? 0.5 : 0))
    const things = this.things(extent, resolution).map((thing) => ({ ...thing, firmness: firmness(thing) }))
    things.sort((one, other) => one.firmness - other.firmness)
    return things.map(({ at: [x, y], properties }) => {
      const canvas = properties.n > 1 ? this.pictureOfCluster(properties) : this.pictureOf(properties)
      return { x, y, canvas, solid: true }
    })
  }
}

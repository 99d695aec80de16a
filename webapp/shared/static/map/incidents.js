// Incidents: what the tiles say, and on top of it what has happened since they were made.

import { Feature, Point, Style, VectorLayer, VectorSource } from '../../vendor/ol.js'
import { icon, keepsake } from './canvas.js'
import { project } from './scale.js'
import { clusterPicture, incidentPicture } from './symbols.js'
import { SharpTileLayer } from './tiles.js'

/**
 * @typedef {{id: string, lon: number, lat: number, severity: number, state: string, overdue?: boolean}} Incident
 * An incident that is open, in WGS 84 degrees.
 */

export class IncidentLayers {
  /** @param {import('../../vendor/ol.js').VectorTileSource} tiles */
  constructor(tiles) {
    this.changed = new Map() // id -> incident, or null when it is gone
    this.live = new VectorSource()
    this.styles = keepsake(1)
    this.tileLayer = new SharpTileLayer({ source: tiles, renderMode: 'vector', declutter: 'labels', renderBuffer: 40 })
    this.liveLayer = new VectorLayer({ source: this.live, declutter: 'labels', renderBuffer: 60 })
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    const styles = keepsake(800)
    const single = (incident) => styleOfIncident(styles, palette, incident)
    const cluster = (shares) => styleOfCluster(styles, palette, shares)
    this.tileLayer.setStyle((feature) => {
      if (feature.get('n') > 1) return cluster(feature.getProperties())
      return this.changed.has(feature.get('id')) ? undefined : single(feature.getProperties())
    })
    this.liveLayer.setStyle((feature) => single(feature.getProperties()))
  }

  /** @param {Incident[]} incidents  replaces all that was put before */
  replace(incidents) {
    this.changed.clear()
    this.live.clear(true)
    for (const incident of incidents) this.changed.set(incident.id, incident)
    this.live.addFeatures(incidents.map(toFeature))
    this.tileLayer.changed()
  }

  /** @param {Incident} incident */
  upsert(incident) {
    this.drop(incident.id)
    this.changed.set(incident.id, incident)
    this.live.addFeature(toFeature(incident))
  }

  /** @param {string} id */
  remove(id) {
    this.drop(id)
    this.changed.set(id, null)
  }

  drop(id) {
    const known = this.live.getFeatureById(id)
    if (known) this.live.removeFeature(known)
    if (!this.changed.has(id)) this.tileLayer.changed()
  }

  /** The ids put so far; once tiles of a later revision are there, they say it themselves. */
  get pending() {
    return [...this.changed.keys()]
  }

  /** @param {string[]} ids */
  settle(ids) {
    for (const id of ids) {
      const known = this.live.getFeatureById(id)
      if (known) this.live.removeFeature(known)
      this.changed.delete(id)
    }
    this.tileLayer.changed()
  }
}

function toFeature(incident) {
  const feature = new Feature({ ...incident, geometry: new Point(project(incident.lon, incident.lat)) })
  feature.setId(incident.id)
  return feature
}

/** Life at risk is drawn above the rest, overdue above in time. */
function orderOf({ severity, overdue }) {
  return 100 + (5 - severity) * 2 + (overdue ? 1 : 0)
}

function styleOfIncident(styles, palette, { severity, state, overdue }) {
  return styles(`${severity}|${state}|${Boolean(overdue)}`, () => {
    const canvas = incidentPicture(palette, { severity, state, overdue: Boolean(overdue) })
    return new Style({ image: icon(canvas, palette.pixelRatio, 'obstacle'), zIndex: orderOf({ severity, overdue }) })
  })
}

function styleOfCluster(styles, palette, { n, s1 = 0, s2 = 0, s3 = 0, s4 = 0 }) {
  return styles(`${n}|${s1}|${s2}|${s3}|${s4}`, () => {
    const canvas = clusterPicture(palette, { n, s1, s2, s3, s4 })
    return new Style({ image: icon(canvas, palette.pixelRatio, 'obstacle'), zIndex: 90 })
  })
}

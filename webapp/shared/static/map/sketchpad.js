// What a page draws on the map itself, and takes by hand: shapes that are no tiles, such as those of a draft.

import { DoubleClickZoom, VectorLayer, VectorSource } from '../../vendor/ol.js'
import { takeHand } from './hand.js'
import { frameOf } from './marks.js'

/**
 * @typedef {object} Painter
 * @property {(context: CanvasRenderingContext2D, frame: { centre: number[], resolution: number, size: number[], pixelRatio: number },
 *   palette: import('./palette.js').Palette) => void} draw  in device pixels
 * @property {(extent: number[], resolution: number, palette: import('./palette.js').Palette) => import('./marks.js').Mark[]} [marks]
 * @property {boolean} [over]  drawn over names and symbols, as what is in the hand is
 */

export class Sketchpad {
  /** @param {import('./stage.js').Stage} stage */
  constructor(stage) {
    this.stage = stage
    /** @type {Painter[]} */
    this.painters = []
    this.layer = this.makeLayer(false)
    this.overLayer = this.makeLayer(true)
  }

  makeLayer(over) {
    const layer = new VectorLayer({ source: new VectorSource() })
    layer.on('postrender', ({ context, frameState }) => {
      for (const painter of this.painters) if (Boolean(painter.over) === over) painter.draw(context, frameOf(frameState), this.stage.palette)
    })
    return layer
  }

  /** @param {import('./palette.js').Palette} palette */
  paint(palette) {
    this.palette = palette
  }

  marks(extent, resolution) {
    return this.painters.flatMap((painter) => painter.marks?.(extent, resolution, this.palette) ?? [])
  }

  /** @param {Painter} painter  drawn over those added before @returns {() => void} take it away */
  add(painter) {
    this.painters.push(painter)
    return () => {
      this.painters = this.painters.filter((other) => other !== painter)
      this.stage.changed()
    }
  }

  /** Draw the next frame anew; with `settled`, names and symbols find their places anew too. */
  redraw({ settled = false } = {}) {
    if (settled) this.stage.changed()
    else this.stage.map.render()
  }

  /** Leave the grids of the tiles out, where the page draws them itself. */
  showGridTiles(shown) {
    const { grids } = this.stage.ground
    if (grids.getVisible() === shown) return
    grids.setVisible(shown)
    this.stage.ground.gridsShown = shown
    this.stage.changed()
  }

  /**
   * Listen to the hand. While it works, two clicks one after the other are two clicks, wherever they fall.
   * @param {import('./hand.js').Ears} ears
   * @param {{ zooms?: boolean }} [options]  `zooms`: a double click zooms all the same
   * @returns {() => void} stop
   */
  takeHand(ears, { zooms = false } = {}) {
    const { map, element } = this.stage
    const zoom = map.getInteractions().getArray().find((one) => one instanceof DoubleClickZoom)
    zoom.setActive(zooms)
    const placeOf = (pixel) => ({ xy: map.getCoordinateFromPixel(pixel), metresPerPx: this.stage.frame().resolution })
    const stop = takeHand(element, placeOf, ears)
    return () => {
      zoom.setActive(true)
      stop()
    }
  }
}

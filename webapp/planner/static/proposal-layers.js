/** A proposal of the open plan on the map, over the draft: its grids as they would be drawn. */
import { tracePath } from '../shared/map/marks.js'
import { fade } from '../shared/map/palette.js'
import { stroke } from './draft-layers.js'
import { shapeOf } from './shapes.js'
import { colourOf } from './zone-layers.js'

/** The grids of the proposal that is shown; none when it is not there any more. */
export const shownFeatures = ({ plan, proposals, proposalShown }) =>
  (plan && proposals.find(({ id }) => id === proposalShown)?.features) || []

/** @param {{ get: () => object }} store */
export function createProposalLayers(store) {
  let drawn = { features: null, flats: [] }
  return {
    draw(context, frame, palette) {
      const features = shownFeatures(store.get())
      if (!features.length) return
      if (drawn.features !== features) drawn = { features, flats: features.map((feature) => shapeOf(feature).flat) }
      drawn.flats.forEach((flat, place) => {
        tracePath(context, flat, frame)
        context.fillStyle = fade(palette[colourOf(place)], palette.dark ? 0.3 : 0.26)
        context.fill('evenodd')
        context.restore()
      })
      const lines = drawn.flats.flat()
      stroke(context, frame, lines, palette.mapHalo, 6)
      stroke(context, frame, lines, palette.accent, 2.6, [9, 4])
    },
  }
}

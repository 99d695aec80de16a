/** Whose grid a place is, told from the boundaries on the phone before anything is sent. */
import { html, useMemo } from '../vendor/preact.js'
import { locale, t } from '../shared/i18n.js'
import { nameOf } from '../shared/words.js'
import { useWorld } from './world.js'

export function GridLine({ place, children }) {
  const ground = useWorld((state) => state.ground)
  const grid = useMemo(() => (place && ground ? ground.gridAt(place.lon, place.lat) : null), [place?.lon, place?.lat, ground])
  return html`<div class="grid-line" role="status">
    <p>
      <b>${grid ? nameOf(grid) : titleWithout(place, ground)}</b>
      ${grid && html`<span class="mark ${grid.mine ? 'mine' : 'others'}">${grid.mine ? t('mine') : t('not mine')}</span>`}
      <small>${grid ? [areaOf(grid), t('found on the phone')].join(' · ') : whyWithout(place, ground)}</small>
    </p>
    ${children}
  </div>`
}

const areaOf = (grid) => (locale() === 'en' ? `${grid.community_en}, ${grid.township_en}` : `${grid.township} ${grid.community}`)

function titleWithout(place, ground) {
  if (!place) return t('No place yet')
  if (!ground) return t('Grid not known here')
  return ground.whole ? t('Outside the district') : t('Outside your township')
}

function whyWithout(place, ground) {
  if (!place) return t('Set a pin, or send without one: the desk will ask.')
  if (!ground) return t('The server names the grid when it is received.')
  return ground.whole ? t('Look again where the pin stands.') : t('The server names the grid when it is received.')
}

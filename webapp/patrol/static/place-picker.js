/** Where it is: the phone's own position, or a pin that was moved, or where the photo says; and whose grid that is. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { metresBetween } from './ground.js'
import { GridLine } from './grid-line.js'
import { MapBox } from './map-box.js'
import { exifPlace, offeredSpot, pinPlace, placeOf } from './place.js'
import { metres, positionText } from './position-text.js'
import { everyTenSeconds, usePage, useWorld } from './world.js'

const NEAR = 18

export function PlacePicker({ draft, onChoose }) {
  const { world } = usePage()
  const fix = useWorld((state) => state.position.fix)
  const mapped = useWorld((state) => Boolean(state.patrol?.district))
  const { chosen } = draft
  const map = useRef(null)
  const latest = useRef()
  latest.current = { chosen, onChoose }
  const place = placeOf(chosen, fix)

  const onMap = (made) => {
    map.current = made
    made.setStandpoint({ pin: place })
    return listen(made, { latest, fixNow: () => world.state.position.fix })
  }
  useEffect(() => map.current?.setStandpoint({ pin: place }), [place?.lon, place?.lat])
  useComingTo(map, fix)
  const elsewhere = () => {
    const [lon, lat] = map.current.getView().centre
    onChoose(pinPlace(fix ?? { lon, lat }, map.current.getView()))
  }
  const offered = offeredSpot(draft.photos, chosen, fix)
  return html`<section class="part place" aria-label=${t('Place')}>
    <h2 class="part-title">${t('Place')} <span>${mapped ? t('drag the pin to change it') : ''}</span></h2>
    ${mapped &&
    html`<div class="place-map">
      <${MapBox} at=${place ?? undefined} zoom=${NEAR} onMap=${onMap} />
      <${PlacePill} chosen=${chosen} />
      ${offered && html`<button class="pill offer" onClick=${() => onChoose(exifPlace(offered))}><${Icon} name="photo" size=${18} />${t('Use the position of the photo')}</button>`}
    </div>`}
    ${!place && html`<${WhyNoPosition} />`}
    <${GridLine} place=${place}>
      ${chosen
        ? html`<button class="button" aria-pressed="true" onClick=${() => onChoose(null)}>${fix ? t('It is here') : t('Take the pin away')}</button>`
        : mapped && html`<button class="button" onClick=${elsewhere}>${fix ? t('It is elsewhere') : t('Set a pin')}</button>`}
    <//>
  </section>`
}

/** The pin follows the hand; a tap sets it where one has said that it is not here, or nobody knows where here is. */
function listen(map, { latest, fixNow }) {
  const choose = (spot) => latest.current.onChoose(pinPlace(spot, map.getView()))
  const stops = [
    map.on('pin', ({ lon, lat, done }) => done && choose({ lon, lat })),
    map.on('select', ({ lon, lat }) => (latest.current.chosen || !fixNow()) && choose({ lon, lat })),
  ]
  const onKey = (event) => {
    if (event.key !== 'Enter') return
    const [lon, lat] = map.getView().centre
    choose({ lon, lat })
  }
  map.element.addEventListener('keydown', onKey)
  map.element.setAttribute('aria-description', t('Move the map with the arrow keys; Enter sets the pin in its middle.'))
  return () => {
    for (const stop of stops) stop()
    map.element.removeEventListener('keydown', onKey)
  }
}

/** The first fix that comes while the page is open is gone to; later ones never move the map under the hand. */
function useComingTo(map, fix) {
  const found = useRef(Boolean(fix))
  useEffect(() => {
    if (!fix || found.current || !map.current) return
    found.current = true
    map.current.flyTo({ lon: fix.lon, lat: fix.lat, zoom: NEAR })
  }, [fix])
}

/** What stands in the way of a position, and what does instead. */
function WhyNoPosition() {
  const status = useWorld((state) => state.position.status)
  const why = {
    refused: t('This page may not know the position. Allow it in the settings of the browser; until then set a pin, or take a photo that knows its place.'),
    none: t('The phone finds no position here. Set a pin, or take a photo that knows its place.'),
    insecure: t('Over plain http a browser gives no position. Set a pin, or take a photo that knows its place.'),
  }[status]
  return why ? html`<p class="why no-position">${why}</p>` : null
}

/** GPS ±9 米,已移 21 米. */
function PlacePill({ chosen }) {
  const position = useWorld((state) => state.position)
  const now = useWorld(everyTenSeconds)
  return html`<p class="pill position" role="status"><${Icon} name="locate" />${pillText(chosen, position, now)}</p>`
}

function pillText(chosen, position, now) {
  const { fix } = position
  if (!chosen) return fix ? t('GPS %(accuracy)s', { accuracy: positionText(position, now) }) : positionText(position, now)
  const error = metres(chosen.errorM)
  if (chosen.method === 'exif') return t('From the photo, ± %(n)s m', { n: error })
  if (!fix) return t('By hand, ± %(n)s m', { n: error })
  return t('By hand, ± %(n)s m; %(moved)s m from here', { n: error, moved: metres(metresBetween(fix, chosen)) })
}

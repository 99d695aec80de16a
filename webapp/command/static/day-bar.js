/** The foot of the map: what happened in a day, and the moment that all panels show. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { DayPicker } from './day-picker.js'
import { barsOf, hoursOf, QUARTER_MS, windowOf } from './day-window.js'
import { Icon } from '../shared/icons.js'
import { day, dayOf, hourAndMinute, weekday } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'

const DAY_MS = 86_400_000
const BAR_HEIGHT = 30
/** While a hand drags, the panels follow in steps. */
const FOLLOW_MS = 250
const REPLAY_MS = 900

export function DayBar() {
  const { zone } = usePage()
  const asOf = useChosen((state) => state.asOf)
  const clock = useChosen((state) => Math.floor(state.clock / 60_000) * 60_000)
  const cardOpen = useChosen((state) => state.selection !== null)
  const span = windowOf(asOf, clock, zone)
  return html`<section class="day-bar ${cardOpen ? 'beside-card' : ''}" aria-label=${t('Day')}>
    <${DaySwitch} span=${span} />
    <${Slider} span=${span} />
    <${Replay} span=${span} />
  </section>`
}

/** The day by name, one back, one on, and a calendar behind the name. */
function DaySwitch({ span }) {
  const { actions, zone } = usePage()
  const [open, setOpen] = useState(false)
  const asOf = useChosen((state) => state.asOf)
  const name = span.recent ? t('Last 24 h') : `${day(span.from, zone)} ${weekday(span.from, zone)}`
  return html`<div class="day-switch">
    <button class="tool" aria-label=${t('A day earlier')} title=${t('A day earlier')} onClick=${() => actions.lookFarther(-DAY_MS)}>
      <${Icon} name="back" size=${16} />
    </button>
    <button class="day-name" aria-haspopup="dialog" aria-expanded=${open ? 'true' : 'false'} onClick=${() => setOpen(!open)}>${name}</button>
    <button class="tool" disabled=${asOf === null} aria-label=${t('A day later')} title=${t('A day later')} onClick=${() => actions.lookFarther(DAY_MS)}>
      <${Icon} name="forward" size=${16} />
    </button>
    ${open && html`<${DayPicker} onClose=${() => setOpen(false)} />`}
  </div>`
}

/** The counts of the stretch, fetched anew with every minute as long as it grows. */
function useCounts({ from, to, recent }) {
  const { actions } = usePage()
  const minute = useChosen((state) => (recent ? Math.floor(state.clock / 60_000) : 0))
  const [counts, setCounts] = useState([])
  useEffect(() => {
    let wanted = true
    // Without network the bars stay as they were; the line on the map says why.
    actions.rhythm(from, to).then(
      (found) => wanted && setCounts(found),
      (error) => {
        if (error.status === undefined) throw error
      },
    )
    return () => {
      wanted = false
    }
  }, [from, to, minute])
  return counts
}

function Slider({ span }) {
  const { actions, zone } = usePage()
  const counts = useCounts(span)
  const asOf = useChosen((state) => state.asOf)
  const clock = useChosen((state) => Math.floor(state.clock / 60_000) * 60_000)
  const root = useRef()
  const drag = useRef({ later: null })
  const [held, setHeld] = useState(null)
  const shown = held ?? asOf ?? clock
  const upTo = Math.min(span.to, clock)
  const momentAt = (event) => {
    const { left, width } = root.current.getBoundingClientRect()
    const at = span.from + ((event.clientX - left) / width) * (span.to - span.from)
    return Math.min(upTo, Math.max(span.from, Math.round(at / QUARTER_MS) * QUARTER_MS))
  }
  const move = (event) => {
    const at = momentAt(event)
    setHeld(at)
    drag.current.at = at
    drag.current.later ??= setTimeout(() => {
      drag.current.later = null
      actions.lookAt(drag.current.at)
    }, FOLLOW_MS)
  }
  const begin = (event) => {
    if (event.button) return
    root.current.setPointerCapture(event.pointerId)
    move(event)
  }
  const end = () => {
    if (held === null) return
    clearTimeout(drag.current.later)
    drag.current.later = null
    setHeld(null)
    actions.lookAt(drag.current.at)
  }
  const onKey = (event) => {
    const by = KEYS[event.key]
    if (!by) return
    event.preventDefault()
    event.stopPropagation()
    actions.lookAt(Math.min(upTo, Math.max(span.from, by(shown, span))))
  }
  return html`<div
    class="day-slider"
    ref=${root}
    role="slider"
    tabindex="0"
    aria-label=${t('Moment shown')}
    aria-valuemin=${0}
    aria-valuemax=${Math.round((span.to - span.from) / QUARTER_MS)}
    aria-valuenow=${Math.round((shown - span.from) / QUARTER_MS)}
    aria-valuetext=${asOf === null && held === null ? t('now') : `${day(shown, zone)} ${hourAndMinute(shown, zone)}`}
    onPointerDown=${begin}
    onPointerMove=${(event) => held !== null && move(event)}
    onPointerUp=${end}
    onPointerCancel=${end}
    onKeyDown=${onKey}
  >
    <${Bars} counts=${counts} span=${span} />
    <${Hours} span=${span} />
    <span class="playhead ${asOf === null && held === null ? '' : 'past'}" style=${{ left: percent((shown - span.from) / (span.to - span.from)) }}>
      <b>${hourAndMinute(shown, zone)}</b>
    </span>
  </div>`
}

const percent = (share) => `${Math.min(100, Math.max(0, share * 100)).toFixed(3)}%`

const KEYS = {
  ArrowLeft: (at) => Math.ceil(at / QUARTER_MS - 1) * QUARTER_MS,
  ArrowDown: (at) => Math.ceil(at / QUARTER_MS - 1) * QUARTER_MS,
  ArrowRight: (at) => Math.floor(at / QUARTER_MS + 1) * QUARTER_MS,
  ArrowUp: (at) => Math.floor(at / QUARTER_MS + 1) * QUARTER_MS,
  PageDown: (at) => at - 4 * QUARTER_MS,
  PageUp: (at) => at + 4 * QUARTER_MS,
  Home: (at, { from }) => from,
  End: (at, { to }) => to,
}

function Bars({ counts, span }) {
  const wide = Math.round((span.to - span.from) / QUARTER_MS)
  return html`<svg class="day-bars" viewBox=${`0 0 ${wide} ${BAR_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
    ${barsOf(counts, BAR_HEIGHT).map(
      ({ x, y, height, severity }) => html`<rect key=${`${x}-${severity}`} class="bar-${severity}" x=${x + 0.12} y=${y} width="0.76" height=${height} />`,
    )}
  </svg>`
}

function Hours({ span }) {
  const { zone } = usePage()
  const phone = useChosen((state) => state.phone)
  return html`<div class="day-hours" aria-hidden="true">
    ${hoursOf(span, zone, phone ? 6 : 2).map(
      ({ at, share, begins, minor }) => html`<span key=${at} class=${begins && span.recent ? 'day-begins' : minor ? 'minor' : ''} style=${{ left: percent(share) }}>
        ${begins && span.recent ? day(at, zone) : at === span.to && !span.recent ? '24:00' : hourAndMinute(at, zone)}
      </span>`,
    )}
  </div>`
}

/** Play the stretch in quarters of an hour, from where the playhead stands. */
function Replay({ span }) {
  const { actions, store } = usePage()
  const [playing, setPlaying] = useState(false)
  const asOf = useChosen((state) => state.asOf)
  useEffect(() => {
    if (!playing) return undefined
    const step = () => {
      const { asOf: at, clock } = store.state
      if (at === null || at + QUARTER_MS > Math.min(span.to, clock)) setPlaying(false)
      else actions.lookAt(at + QUARTER_MS)
    }
    const timer = setInterval(step, REPLAY_MS)
    return () => clearInterval(timer)
  }, [playing, span.to])
  // Back at now there is nothing to play on.
  useEffect(() => {
    if (asOf === null) setPlaying(false)
  }, [asOf])
  const toggle = () => {
    if (!playing && asOf === null) actions.lookAt(span.from + QUARTER_MS)
    setPlaying(!playing)
  }
  return html`<button class="replay" aria-pressed=${playing ? 'true' : 'false'} onClick=${toggle}>
    <${Icon} name=${playing ? 'pause' : 'play'} size=${16} />${playing ? t('Pause') : t('Replay')}
  </button>`
}

/** What stands in the numbers strip while one looks back: when, and the way to now. */
export function LookBack() {
  const { actions, zone } = usePage()
  const asOf = useChosen((state) => state.asOf)
  const today = useChosen((state) => dayOf(state.clock, zone))
  if (asOf === null) return null
  const when = dayOf(asOf, zone) === today ? hourAndMinute(asOf, zone) : `${day(asOf, zone)} ${hourAndMinute(asOf, zone)}`
  return html`<div class="look-back" role="status">
    <${Icon} name="history" size=${18} /><b>${t('Looking back %(when)s', { when })}</b>
    <button class="button small" onClick=${() => actions.lookAt(null)}>${t('Back to now')}<kbd>T</kbd></button>
  </div>`
}

/** The left of a wall: eleven facts, read from five metres. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Severity } from '../shared/icons.js'
import { date, day, hourAndMinute, hours, standing, weekday } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { tightest } from './wall-cycle.js'
import { classText, figure, nameOf, stateWord, whereText } from '../shared/words.js'

/** Figures that are older than this are called old. */
const OLD_MS = 180_000
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

export function WallPanel() {
  return html`<aside class="wall-panel" aria-label=${t('Numbers')}>
    <${Head} />
    <${Figures} />
    <${Tightest} />
  </aside>`
}

function Head() {
  const { zone } = usePage()
  const district = useChosen((state) => state.me.district)
  const minute = useChosen((state) => Math.floor(state.now / 60_000) * 60_000)
  return html`<header class="wall-head">
    <h1>${nameOf(district)}</h1>
    <span title=${date(minute, zone)}>${day(minute, zone)} ${weekday(minute, zone)}</span>
    <time>${hourAndMinute(minute, zone)}</time>
  </header>`
}

/** Since when the figures are as they are, where that is no longer now. */
export function useOldSince() {
  const link = useChosen((state) => state.link)
  const at = useChosen((state) => (state.numbers ? Date.parse(state.numbers.at) : null))
  const late = useChosen((state) => state.numbers !== null && state.now - Date.parse(state.numbers.at) > OLD_MS)
  return at !== null && (late || link === 'offline' || link === 'reconnecting') ? at : null
}

function Figures() {
  const numbers = useChosen((state) => state.numbers)
  if (!numbers) return html`<div class="wall-figures" aria-busy="true"></div>`
  const change = numbers.overdue - numbers.overdue_yesterday
  return html`<div class="wall-figures">
    <p class="wall-hero"><strong>${figure(numbers.open)}</strong><span>${t('open')}<em>${t('%(n)s yesterday by now', { n: figure(numbers.open_yesterday) })}</em></span></p>
    <${Fact} n=${numbers.overdue} word=${t('overdue')} beside=${t('%(n)s in a day', { n: signed(change) })} alarming=${numbers.overdue > 0} />
    <${Fact} n=${numbers.new_today} word=${t('new today')} />
    <${Fact} n=${numbers.staff} word=${t('staff')} />
    <${Fact} n=${numbers.devices_silent} word=${t('devices silent')} beside=${t('of %(n)s', { n: figure(numbers.devices) })} />
  </div>`
}

const signed = (n) => (n > 0 ? `+${figure(n)}` : n < 0 ? `−${figure(-n)}` : '±0')

function Fact({ n, word, beside, alarming = false }) {
  return html`<p class="wall-fact ${alarming ? 'alarming' : ''}"><strong>${figure(n)}</strong><span>${word}${beside && html`<em>${beside}</em>`}</span></p>`
}

function Tightest() {
  const rows = useChosen((state) => state.rows)
  const now = useChosen((state) => Math.floor(state.now / 15_000) * 15_000)
  const shown = tightest(rows)
  return html`<section class="wall-tightest" aria-label=${t('The five tightest')}>
    <h2>${t('The five tightest')}</h2>
    <ol>
      ${shown.map(
        (row) => html`<li key=${row.id}>
          <${Severity} severity=${row.severity} size=${34} />
          <span><b>${classText(row)}</b><em>${whereText(row)} · ${stateWord(row.state)}</em></span>
          <${Clock} incident=${row} now=${now} />
        </li>`,
      )}
    </ol>
    ${shown.length === 0 && html`<p class="wall-none">${t('No clock is running.')}</p>`}
  </section>`
}

function Clock({ incident, now }) {
  const { kind, ms } = standing(incident, now)
  return html`<strong class="clock-${kind}">${kind === 'over' ? t('%(time)s over', { time: shortly(-ms) }) : shortly(ms)}</strong>`
}

function shortly(ms) {
  if (ms < HOUR_MS) return t('%(n)s min', { n: Math.floor(ms / 60_000) })
  return ms < DAY_MS ? hours(ms) : t('%(n)s d', { n: Math.floor(ms / DAY_MS) })
}

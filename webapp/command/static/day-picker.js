/** A calendar to jump to a day, with the days marked on which the boundaries changed. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { dayFrom, minuteFrom, sameHourOn, weeksOf } from './day-window.js'
import { Icon } from '../shared/icons.js'
import { date, dayOf, monthOf, weekday } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'

/** A Monday, to name the days of the week after. */
const A_MONDAY = Date.UTC(2024, 0, 1, 12)
const DAY_MS = 86_400_000
const MOVES = {
  ArrowLeft: { days: -1 },
  ArrowRight: { days: 1 },
  ArrowUp: { days: -7 },
  ArrowDown: { days: 7 },
  PageUp: { months: -1 },
  PageDown: { months: 1 },
}

export function DayPicker({ onClose }) {
  const { actions, zone } = usePage()
  const root = useRef()
  const at = useChosen((state) => state.asOf ?? state.clock)
  const today = useChosen((state) => dayOf(state.clock, zone))
  const editions = useChosen((state) => state.editions)
  const [cursor, setCursor] = useState(() => dayOf(at, zone))
  useEffect(() => {
    if (!editions) actions.loadEditions()
  }, [])
  useEffect(() => root.current.querySelector('[data-cursor]')?.focus(), [cursor])
  useEffect(() => {
    const close = (event) => root.current.parentElement.contains(event.target) || onClose()
    addEventListener('pointerdown', close)
    return () => removeEventListener('pointerdown', close)
  }, [])
  const go = (moment) => {
    actions.lookAt(moment)
    onClose()
  }
  const choose = (iso) => go(iso === today ? null : sameHourOn(iso, at, zone))
  const onKey = (event) => {
    if (event.key === 'Escape') onClose()
    else if (MOVES[event.key] && event.target.closest('.calendar')) {
      const next = dayFrom(cursor, MOVES[event.key])
      setCursor(next > today ? today : next)
    } else if (!event.key.startsWith('Arrow')) return
    event.preventDefault()
    event.stopPropagation()
  }
  const marks = new Map((editions ?? []).map((edition) => [dayOf(Date.parse(edition.effective_at), zone), edition]))
  return html`<div class="day-picker" ref=${root} role="dialog" aria-label=${t('Jump to a day')} onKeyDown=${onKey}>
    <${Month} cursor=${cursor} today=${today} chosen=${dayOf(at, zone)} marks=${marks} onMove=${setCursor} onChoose=${choose} />
    <${Editions} editions=${editions} onChoose=${(edition) => go(minuteFrom(Date.parse(edition.effective_at)))} />
  </div>`
}

function Month({ cursor, today, chosen, marks, onMove, onChoose }) {
  const move = (months) => {
    const next = dayFrom(cursor, { months })
    onMove(next > today ? today : next)
  }
  return html`<div class="calendar">
    <header>
      <button class="tool" aria-label=${t('A month earlier')} onClick=${() => move(-1)}><${Icon} name="back" size=${16} /></button>
      <b aria-live="polite">${monthOf(Date.parse(`${cursor}T12:00:00Z`))}</b>
      <button class="tool" disabled=${cursor.slice(0, 7) === today.slice(0, 7)} aria-label=${t('A month later')} onClick=${() => move(1)}>
        <${Icon} name="forward" size=${16} />
      </button>
    </header>
    <div class="week" aria-hidden="true">${Array.from({ length: 7 }, (_, i) => html`<i key=${i}>${weekday(A_MONDAY + i * DAY_MS, 'UTC')}</i>`)}</div>
    ${weeksOf(cursor).map(
      (week) => html`<div class="week" key=${week.find(Boolean)}>
        ${week.map((iso, i) =>
          iso
            ? html`<button
                key=${iso}
                data-cursor=${iso === cursor ? '' : undefined}
                tabindex=${iso === cursor ? 0 : -1}
                class=${marks.has(iso) ? 'has-edition' : ''}
                aria-current=${iso === chosen ? 'date' : undefined}
                disabled=${iso > today}
                aria-label=${dayName(iso, marks.get(iso))}
                title=${marks.has(iso) ? dayName(iso, marks.get(iso)) : undefined}
                onClick=${() => onChoose(iso)}
              >${Number(iso.slice(8))}</button>`
            : html`<span key=${i}></span>`,
        )}
      </div>`,
    )}
  </div>`
}

function dayName(iso, edition) {
  const name = date(Date.parse(`${iso}T12:00:00Z`), 'UTC')
  return edition ? `${name} · ${t('Edition %(n)s takes effect', { n: edition.n })}` : name
}

/** Each publish of the boundaries, the newest first: a jump to the hour from which it held. */
function Editions({ editions, onChoose }) {
  const { zone } = usePage()
  const asOf = useChosen((state) => state.asOf ?? state.clock)
  const newest = [...(editions ?? [])].reverse()
  const held = newest.find((edition) => Date.parse(edition.effective_at) <= asOf)
  return html`<div class="editions">
    <h3>${t('Jump to a change of boundaries')}</h3>
    <ol>
      ${newest.map(
        (edition) => html`<li key=${edition.n}>
          <button aria-current=${edition === held ? 'true' : undefined} onClick=${() => onChoose(edition)}>
            <b>${t('Edition %(n)s', { n: edition.n })}</b><span>${date(Date.parse(edition.effective_at), zone)}</span>
          </button>
        </li>`,
      )}
    </ol>
  </div>`
}

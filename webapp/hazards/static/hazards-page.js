/** The ledger: its rows or the look-backs due, the map, and one hazard with all that was done. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { show, shown } from '../admin/address.js'
import { Chips, Rows, SearchBox } from '../admin/list-panel.js'
import { usePaged } from '../admin/paged.js'
import { shortMoment } from '../admin/register-words.js'
import { Topbar } from '../admin/topbar.js'
import { api } from '../shared/api.js'
import { ringBell } from '../shared/bell.js'
import { t } from '../shared/i18n.js'
import { Icon, Severity } from '../shared/icons.js'
import { follow } from '../shared/live.js'
import { HazardCard } from './hazard-card.js'
import { HazardForm } from './hazard-form.js'
import { HazardMap } from './hazard-map.js'
import { hazardState, hazardStates, placeLine } from './hazard-words.js'

/** @param {{ me: object, last: string, origin: object|null }} props  `origin`: the incident with which a hazard was found */
export function HazardsPage({ me, last, origin }) {
  const zone = me.district?.time_zone ?? 'UTC'
  const [mode, setMode] = useState(shown('list') === 'look-backs' ? 'look-backs' : 'ledger')
  const [chosen, setChosen] = useState(shown('hazard') || null)
  const [from, setFrom] = useState(me.can.includes('hazard.work') ? origin : null)
  const [adds, add] = useState(from !== null)
  const [spot, setSpot] = useState(from && spotOf(from))
  const [round, setRound] = useState(0)
  const [seen, see] = useState([])
  const heard = useHeard(last)
  const open = (id) => {
    add(false)
    setFrom(null)
    setChosen(id)
    show({ hazard: id, incident: null })
  }
  const turn = (wish) => {
    setMode(wish)
    show({ list: wish === 'ledger' ? null : wish })
  }
  const changed = (id) => {
    setRound(round + 1)
    if (id) open(id)
  }
  const begin = () => {
    open(null)
    setSpot(null)
    add(true)
  }
  const modes = html`<${Chips} label=${t('List')} options=${[['ledger', t('Ledger')], ['look-backs', t('Look-backs due')]]} chosen=${mode} onChoose=${turn} />`
  return html`<div class="command register hazards" data-open=${chosen || adds ? '' : undefined}>
    <${Topbar} me=${me} here="hazards" />
    <main class="list-panel">
      <div class="list-head"><h1>${t('Hazards')}</h1>${modes}
        ${me.can.includes('hazard.work') && html`<button class="button primary" onClick=${begin}><${Icon} name="plus" size=${16} />${t('Write down a hazard')}</button>`}
      </div>
      ${mode === 'ledger'
        ? html`<${Ledger} key="ledger-${round}" heard=${heard.hazards} me=${me} zone=${zone} chosen=${chosen} onChoose=${open} onSeen=${see} />`
        : html`<${LookBacks} key="look-backs-${round}" heard=${heard.hazards} zone=${zone} chosen=${chosen} onChoose=${open} onSeen=${see} />`}
    </main>
    <${HazardMap} me=${me} heard=${heard.zones} hazards=${seen} chosen=${chosen} picks=${adds} spot=${spot} onPick=${setSpot} onChoose=${open} />
    <aside class="detail-panel" aria-label=${t('Hazard')}>
      ${adds
        ? html`<${HazardForm} spot=${spot} from=${from} onMade=${changed} onLeave=${() => open(null)} />`
        : chosen
          ? html`<${HazardCard} key=${`${chosen}-${round}`} id=${chosen} heard=${heard.hazards} zone=${zone} onChanged=${changed} onOpen=${open} onClose=${() => open(null)} />`
          : html`<p class="empty">${t('Choose a hazard in the list or on the map to see what was done about it.')}</p>`}
    </aside>
  </div>`
}

const spotOf = ({ place }) => (place && place.lon !== null ? { lon: place.lon, lat: place.lat } : null)

/**
 * How often something was heard that others did.
 * @returns {{ hazards: number, zones: number }}
 */
function useHeard(last) {
  const [heard, hear] = useState({ hazards: 0, zones: 0 })
  const more = (hazards, zones) => hear((before) => ({ hazards: before.hazards + (hazards ? 1 : 0), zones: before.zones + (zones ? 1 : 0) }))
  useEffect(() => {
    const onChanges = (changes) => {
      const kinds = new Set(changes.map(({ kind }) => kind))
      if (kinds.has('notice')) ringBell()
      // A department hears of what was sent to it by its notice alone.
      if (['hazard', 'notice', 'safe-zone'].some((kind) => kinds.has(kind))) more(kinds.has('hazard') || kinds.has('notice'), kinds.has('safe-zone'))
    }
    return follow({ onChanges, onReset: () => more(true, true), onLink: () => {} }, last)
  }, [])
  return heard
}

/** What is listed is read again when others changed it. */
function useFresh(list, heard) {
  useEffect(() => {
    if (heard) list.again()
  }, [heard])
}

function Ledger({ me, zone, heard, chosen, onChoose, onSeen }) {
  const [state, setState] = useState(shown('state') || 'open')
  const [words, setWords] = useState(shown('q'))
  const list = usePaged('/hazards', { state, q: words })
  useFresh(list, heard)
  usePlaces(list.items, (hazard) => hazard, onSeen)
  const look = (wish) => {
    setState(wish)
    show({ state: wish === 'open' ? null : wish })
  }
  const search = (text) => {
    setWords(text)
    show({ q: text })
  }
  return html`<div class="list-tools">
      <${SearchBox} value=${words} label=${t('Number, what is wrong, or who puts it right')} onInput=${search} />
      <${Chips} label=${t('State')} options=${hazardStates()} chosen=${state} onChoose=${look} />
      ${me.can.includes('table.export') && html`<button class="button" onClick=${() => api.download('/exports/hazards', { format: 'xlsx' })}><${Icon} name="file" size=${16} />${t('Export')}</button>`}
    </div>
    <${Rows} title=${t('Hazards')} columns=${ledgerColumns(zone)} list=${list} keyOf=${({ id }) => id} chosen=${chosen} onChoose=${onChoose} empty=${t('The ledger has none of these.')} />`
}

const ledgerColumns = (zone) => [
  { name: 'name', word: t('Hazard'), cell: (one) => html`<span class="hazard-name"><${Severity} severity=${one.severity} size=${20} /><b>${one.what}</b></span><span class="code">${one.number}</span>` },
  { name: 'place', word: t('Place'), cell: placeLine },
  { name: 'state', word: t('State'), cell: ({ state }) => hazardState(state) },
  { name: 'due', word: t('To be put right by'), cell: (one) => one.due_at && !one.answered_at && html`<span class=${one.overdue ? 'warned' : ''}>${shortMoment(one.due_at, zone)}</span>` },
  { name: 'found', word: t('Found at'), cell: ({ found_at: at }) => shortMoment(at, zone) },
]

function LookBacks({ zone, heard, chosen, onChoose, onSeen }) {
  const [days, setDays] = useState('7')
  const list = usePaged('/look-backs', { days })
  useFresh(list, heard)
  usePlaces(list.items, ({ hazard }) => hazard, onSeen)
  return html`<div class="list-tools">
      <${Chips} label=${t('Due within')} options=${['0', '7', '30', '90'].map((n) => [n, n === '0' ? t('Overdue') : t('%(n)s days', { n })])} chosen=${days} onChoose=${setDays} />
    </div>
    <${Rows} title=${t('Look-backs due')} columns=${dueColumns(zone)} list=${list} keyOf=${({ hazard }) => hazard.id} chosen=${chosen} onChoose=${onChoose} empty=${t('Nobody has to look again.')} />`
}

const dueColumns = (zone) => [
  { name: 'name', word: t('Hazard'), cell: ({ hazard }) => html`<span class="hazard-name"><${Severity} severity=${hazard.severity} size=${20} /><b>${hazard.what}</b></span><span class="code">${hazard.number}</span>` },
  { name: 'place', word: t('Place'), cell: ({ hazard }) => placeLine(hazard) },
  { name: 'due', word: t('Due'), cell: (one) => html`<span class=${one.overdue ? 'warned' : ''}>${shortMoment(one.due_at, zone)}</span>` },
  { name: 'found', word: t('Closed'), cell: ({ hazard }) => hazard.closed_at && shortMoment(hazard.closed_at, zone) },
]

/** What is listed is what the map shows. */
function usePlaces(items, hazardOf, onSeen) {
  useEffect(() => {
    if (items) onSeen(items.map(hazardOf))
  }, [items])
}

/** My grid today: the map around me, what is to be done, and the one large button. */
import { html, useMemo, useState } from '../vendor/preact.js'
import { locale, t } from '../shared/i18n.js'
import { Bell } from '../shared/bell.js'
import { Icon } from '../shared/icons.js'
import { nameOf } from '../shared/words.js'
import { addressOf } from './address.js'
import { HomeMap } from './home-map.js'
import { AccountSheet } from './account-sheet.js'
import { QueueBadge } from './queue-badge.js'
import { LookBacksDue } from './look-backs.js'
import { ZoneNotice } from './zone-notice.js'
import { TaskRow } from './task-row.js'
import { openTasks } from './tasks.js'
import { everyTenSeconds, usePage, useWorld, zoneOf } from './world.js'

export function Home() {
  const { actions } = usePage()
  const mapped = useWorld((state) => Boolean(state.patrol?.district))
  const awaited = useWorld((state) => state.patrol === null && state.online && !state.signInNeeded)
  const stranger = useWorld((state) => state.signInNeeded && state.account === null)
  const begun = useWorld((state) => state.begun.own > 0)
  return html`<div class="screen home">
    <${Head} />
    <${ZoneNotice} />
    ${mapped ? html`<${HomeMap} />` : awaited && html`<div class="home-map"></div>`}
    <${Today} />
    ${!stranger && html`<footer class="foot">
      ${begun && html`<p class="why begun-waits">${t('A report you had begun waits here.')}</p>`}
      <button class="primary large" onClick=${() => actions.go({ name: 'report' })}><${Icon} name="plus" size=${24} />${t('Report')}</button>
    </footer>`}
  </div>`
}

function Head() {
  const { actions } = usePage()
  const zone = useWorld(zoneOf)
  const account = useWorld((state) => state.account)
  const ground = useWorld((state) => state.ground)
  // Who answers for several grids is told the one they stand in.
  const here = useWorld(({ ground, position }) => ground?.own.length && position.fix && ground.gridAt(position.fix.lon, position.fix.lat))
  const grid = here?.mine ? here : ground?.own[0]
  const [open, setOpen] = useState(false)
  return html`<header class="head">
    <button class="who" aria-haspopup="dialog" aria-expanded=${open ? 'true' : 'false'} onClick=${() => setOpen(!open)}>
      <h1>${titleOf(grid, ground?.own.length)}</h1>
      <span>${[account && nameOf(account), areaOf(grid)].filter(Boolean).join(' · ')}</span>
    </button>
    ${account && html`<${Bell} zone=${zone} hrefOf=${(id) => addressOf({ name: 'incident', id })} onOpen=${(id) => actions.go({ name: 'incident', id })} />`}
    <${QueueBadge} />
    ${open && html`<${AccountSheet} onClose=${() => setOpen(false)} />`}
  </header>`
}

/** 清河 07 网格, or the first of several. */
function titleOf(grid, n) {
  if (!grid) return t('Patrol')
  const name = grid.kind === 'dedicated' ? nameOf(grid) : t('Grid %(name)s', { name: shortName(nameOf(grid)) })
  return n === 1 ? name : t('%(name)s, one of %(n)s', { name, n })
}

/** A name that says already what it is does not say it twice. */
const shortName = (name) => name.replace(/^Grid |^网格 /, '')

function areaOf(grid) {
  if (!grid) return null
  const english = locale() === 'en'
  return english ? `${grid.community_en}, ${grid.township_en}` : `${grid.township} ${grid.community}`
}

function Today() {
  const stranger = useWorld((state) => state.signInNeeded && state.account === null)
  const patrol = useWorld((state) => state.patrol)
  const items = useWorld((state) => state.items)
  const now = useWorld(everyTenSeconds)
  const tasks = useMemo(() => openTasks(patrol, items), [patrol, items])
  const late = tasks.filter(({ incident }) => incident.due_at && Date.parse(incident.due_at) <= now).length
  const unaccepted = tasks.filter(({ waits }) => waits === 'accept').length
  const marks = [late && t('overdue %(n)s', { n: late }), unaccepted && t('to accept %(n)s', { n: unaccepted })].filter(Boolean)
  if (stranger) return html`<main class="today"></main>`
  return html`<main class="today" aria-label=${t('To do today')}>
    <div class="list-head">
      <h2>${t('To do today')}</h2>
      <span>${patrol && t('%(n)s items', { n: tasks.length })}</span>
      <em>${marks.join(' · ')}</em>
    </div>
    ${patrol === null
      ? html`<${NothingKept} />`
      : tasks.length
        ? html`<ul class="rows">${tasks.map((task) => html`<${TaskRow} key=${task.incident.id} task=${task} />`)}</ul>`
        : html`<${NothingToDo} patrol=${patrol} />`}
    <${LookBacksDue} />
  </main>`
}

function NothingToDo({ patrol }) {
  const own = patrol.grids.some(({ mine }) => mine)
  return html`<div class="empty" role="status">
    <p>${own ? t('Nothing waits in your grid.') : t('No grid is assigned to you.')}</p>
    <p>${own ? t('What is reported here or handed to you appears by itself.') : t('An administrator assigns grids to people.')}</p>
  </div>`
}

/** Before the first answer: grey bars while it comes, a sentence when it cannot. */
function NothingKept() {
  const { actions } = usePage()
  const online = useWorld((state) => state.online)
  if (online) return html`<div class="grey-rows" aria-hidden="true">${[1, 2, 3].map((n) => html`<div key=${n} class="grey-row"><i></i><span><b></b><b></b></span></div>`)}</div>`
  return html`<div class="empty" role="status">
    <p>${t('No network, and nothing is kept on this phone yet.')}</p>
    <p>${t('Open the page once with network; then it works without. Reporting works already.')}</p>
    <button class="button" onClick=${actions.refresh}>${t('Try again')}</button>
  </div>`
}

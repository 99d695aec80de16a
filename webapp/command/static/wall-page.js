/** The wall: numbers at the left, the map with its cycle at the right, and no chrome. */
import { html, useEffect, useMemo, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon, Severity } from '../shared/icons.js'
import { hourAndMinute, standingText } from '../shared/time.js'
import { Page, useChosen, usePage } from './use-store.js'
import { holdingOf, nextAt, sightsOf } from './wall-cycle.js'
import { hostWallMap } from './wall-map.js'
import { useOldSince, WallPanel } from './wall-panel.js'
import { classText, nameOf, whereText } from '../shared/words.js'

const STEPS = ['1–2', '3–4', '5–7', '8+']

export function Wall({ page }) {
  return html`<${Page.Provider} value=${page}><${Screen} /><//>`
}

function Screen() {
  const { cycle } = usePage()
  const rows = useChosen((state) => state.rows)
  const areas = useChosen((state) => state.areas)
  const minute = useChosen((state) => Math.floor(state.now / 15_000) * 15_000)
  const [acknowledged, setAcknowledged] = useState(readAcknowledged)
  const sights = useMemo(() => sightsOf(rows, areas, minute), [rows, areas, minute])
  const holding = useMemo(() => holdingOf(rows, acknowledged), [rows, acknowledged])
  const at = useCycle(cycle, sights, holding !== null)
  const acknowledge = () => {
    if (!holding) return
    const next = new Set(acknowledged).add(holding.id)
    keepAcknowledged(next)
    setAcknowledged(next)
  }
  useKeys({ Enter: acknowledge, ' ': acknowledge })
  const scene = holding ? holdingScene(holding) : sceneOf(cycle.views[at], sights)
  return html`<div class="wall">
    <${WallPanel} />
    <main class="wall-map">
      <${SceneMap} scene=${scene} />
      <${OldFigures} />
      ${holding && html`<${Holding} incident=${holding} onAcknowledge=${acknowledge} />`}
      <${Legend} colouring=${scene.colouring} />
      <${CycleBars} cycle=${cycle} at=${at} scene=${scene} held=${holding !== null} />
    </main>
  </div>`
}

/** Where the cycle stands; it rests while something holds it, and begins its time anew afterwards. */
function useCycle({ views, everyS }, sights, held) {
  const [at, setAt] = useState(0)
  const latest = useRef(sights)
  latest.current = sights
  useEffect(() => {
    if (held) return undefined
    const timer = setTimeout(() => setAt(nextAt(views, at, latest.current)), everyS * 1000)
    return () => clearTimeout(timer)
  }, [at, held])
  return at
}

const sceneOf = (view, { townships, busiest, serious }) => {
  if (view === 'overdue') return { key: view, title: t('Overdue in the district'), colouring: 'overdue', tallies: null }
  if (view === 'township' && busiest) {
    return { key: `township ${busiest.area.id}`, title: t('Busiest: %(name)s', { name: nameOf(busiest.area) }), colouring: 'open', tallies: null, bounds: busiest.area.bounds }
  }
  if (view === 'serious' && serious) return { key: `serious ${serious.id}`, title: t('Latest serious'), colouring: 'open', tallies: null, incident: serious }
  return { key: 'load', title: t('Open in the district'), colouring: 'open', tallies: townships }
}

const holdingScene = (incident) => ({ key: `holding ${incident.id}`, title: t('Life at risk'), colouring: 'open', tallies: null, incident })

function SceneMap({ scene }) {
  const { store, onMapReady } = usePage()
  const element = useRef()
  const hosted = useRef(null)
  // The tag of the scene carries a clock.
  const moment = useChosen((state) => Math.floor(state.now / 5000))
  useEffect(() => {
    hosted.current = hostWallMap(element.current, store, onMapReady)
    return hosted.current.stop
  }, [])
  useEffect(() => hosted.current.show(scene), [scene.key, scene.tallies, scene.incident, moment])
  return html`<div class="map" ref=${element}></div>`
}

/** A life at risk, in large, until somebody in the room has said that they saw it. */
function Holding({ incident, onAcknowledge }) {
  const { zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 5000) * 5000)
  return html`<section class="wall-holding" role="alert">
    <${Severity} severity=${1} size=${52} />
    <span><b>${classText(incident)}</b><em>${whereText(incident)}${incident.township ? ` · ${nameOf(incident.township)}` : ''}</em></span>
    <strong>${standingText(incident, now, zone)}</strong>
    <button onClick=${onAcknowledge}>${t('Seen')}<kbd>↵</kbd></button>
  </section>`
}

function OldFigures() {
  const { zone } = usePage()
  const since = useOldSince()
  if (since === null) return null
  return html`<p class="wall-old" role="status"><${Icon} name="offline" size=${28} />${t('No connection. Figures are of %(time)s.', { time: hourAndMinute(since, zone) })}</p>`
}

function Legend({ colouring }) {
  return html`<div class="wall-legend">
    <em>${colouring === 'open' ? t('Open per grid') : t('Overdue per grid')}</em>
    ${STEPS.map((step, i) => html`<span key=${step}><i class="swatch swatch-${colouring} swatch-step-${i + 1}"></i>${step}</span>`)}
  </div>`
}

/** Which view of the cycle this is, and how far it has run. */
function CycleBars({ cycle, at, scene, held }) {
  return html`<div class="wall-cycle">
    <span>${scene.title}</span>
    <ol aria-hidden="true">
      ${cycle.views.map(
        (view, i) => html`<li key=${view} class=${i < at ? 'done' : ''}>
          ${i === at && html`<i key=${`${at} ${held}`} class=${held ? 'held' : 'running'} style=${{ animationDuration: `${cycle.everyS}s` }}></i>`}
        </li>`,
      )}
    </ol>
    ${held && html`<em>${t('held')}</em>`}
  </div>`
}

function useKeys(doing) {
  const latest = useRef()
  latest.current = doing
  useEffect(() => {
    const listen = (event) => {
      // A focused button answers to these keys by itself.
      if (event.target instanceof Element && event.target.closest('button')) return
      // A key that is held down has seen one alarm, not those behind it.
      if (event.repeat) return
      latest.current[event.key]?.()
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
}

const KEY = 'gridmap.wall.seen'

/** What was acknowledged stays so when the page is loaded anew; each wall has its own room, and its own memory. */
function readAcknowledged() {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(KEY) ?? '[]'))
  } catch {
    return new Set()
  }
}

function keepAcknowledged(ids) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...ids].slice(-200)))
  } catch {
    // A forbidden store costs a second look, not the first.
  }
}

/** The frame of the page: top bar, the plan on the left, the map in the middle, check and impact on the right. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { KeysSheet } from '../shared/keys-sheet.js'
import { keyList } from './keys.js'
import { MapPanel } from './map-panel.js'
import { LeftPanels, RightPanels } from './panels.js'
import { PhoneTabs } from './phone-tabs.js'
import { Topbar } from './topbar.js'

/**
 * @param {{ store: object, startMap: (element: HTMLElement) => () => void, mapNow: () => object|null }} properties
 *   `startMap` gives the way to stop; `mapNow` what it has started
 */
export function Shell({ store, startMap, mapNow }) {
  const state = useStore(store)
  const { actions } = store
  const swipe = (share) => {
    const { desk } = mapNow()
    desk.swipeAt = share
    desk.pad.redraw()
  }
  return html`<div class="command planner" data-sheet=${state.sheet} data-open=${state.plan ? 'plan' : 'list'}>
    <${Topbar} state=${state} actions=${actions} onGoTo=${(item) => goTo(actions, item)} />
    <aside class="panel panel-left"><${LeftPanels} state=${state} actions=${actions} /></aside>
    <${MapPanel} state=${state} actions=${actions} startMap=${startMap} onZoom=${(steps) => mapNow().map.zoomBy(steps)} onSwipe=${swipe} />
    ${state.plan && html`<aside class="panel panel-right"><${RightPanels} state=${state} actions=${actions} /></aside>`}
    ${state.keysOpen && html`<${KeysSheet} groups=${keyList()} onClose=${actions.closeKeys} />`}
    <${PhoneTabs} state=${state} actions=${actions} />
  </div>`
}

/** Go to what the search found. */
function goTo(actions, item) {
  if (item.bounds) actions.show({ bbox: item.bounds })
  else if (item.lon !== null && item.lon !== undefined) actions.show([item.lon, item.lat])
}

/** The state as it is now; draws again when it changes. */
function useStore(store) {
  const [state, setState] = useState(store.get())
  useEffect(() => {
    setState(store.get())
    return store.subscribe(setState)
  }, [store])
  return state
}

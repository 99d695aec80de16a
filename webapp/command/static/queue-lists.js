/** The rows behind two of the five numbers: the staff, and which devices are silent. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { EmptyList, GreyRows } from './empty.js'
import { Icon } from '../shared/icons.js'
import { ago } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { deviceWord, nameOf, positionOf } from '../shared/words.js'

/** Ask once when the list is opened, and again when the number behind it moves. */
function useList(load, number) {
  const [list, setList] = useState({ items: null, failed: null })
  useEffect(() => {
    let wanted = true
    load().then(
      (items) => wanted && setList({ items, failed: null }),
      (error) => wanted && setList((before) => ({ ...before, failed: error.message })),
    )
    return () => {
      wanted = false
    }
  }, [number])
  return list
}

function List({ list, show, label, children }) {
  const { actions } = usePage()
  const { items, failed } = list
  return html`<div class="queue-rows" tabindex="0" aria-label=${label} aria-busy=${items || failed ? 'false' : 'true'}>
    ${!items && !failed && html`<${GreyRows} />`}
    ${(failed || items?.length === 0) &&
    html`<${EmptyList} show=${show} failed=${failed} onRetry=${actions.reload} onAll=${() => actions.show('all')} />`}
    ${items && html`<ul class="plain-list">${items.map(children)}</ul>`}
  </div>`
}

export function PeopleOnDuty() {
  const { store, actions } = usePage()
  const number = useChosen((state) => state.numbers?.staff)
  const list = useList(actions.staff, number)
  const open = (grid) => store.dispatch({ type: 'select', selection: { kind: 'grid', id: grid.code } })
  return html`<${List} list=${list} show="people" label=${t('Staff')}>
    ${(person) =>
      html`<li key=${person.id}>
        <button class="row row-still" disabled=${!person.grid} onClick=${() => open(person.grid)}>
          <${Surname} person=${person} />
          <span class="row-main">
            <span class="row-first"><b>${nameOf(person)}</b></span>
            <span class="row-second">${positionOf(person)}</span>
          </span>
          <span class="row-end">${person.grid ? nameOf(person.grid) : ''}</span>
        </button>
      </li>`}
  <//>`
}

export function DevicesSilent() {
  const { store, actions } = usePage()
  const number = useChosen((state) => state.numbers?.devices_silent)
  const now = useChosen((state) => Math.floor(state.now / 60_000) * 60_000)
  const list = useList(actions.silentDevices, number)
  const open = (code) => store.dispatch({ type: 'select', selection: { kind: 'device', id: code } })
  return html`<${List} list=${list} show="silent" label=${t('Devices silent')}>
    ${(device) =>
      html`<li key=${device.code}>
        <button class="row row-still" onClick=${() => open(device.code)}>
          <${Icon} name=${device.kind === 'camera' ? 'camera' : device.kind.startsWith('drone') ? 'drone' : 'sensor'} size=${22} />
          <span class="row-main">
            <span class="row-first"><b>${nameOf(device)}</b></span>
            <span class="row-second">${deviceWord(device.kind)}${device.grid ? ` · ${nameOf(device.grid)}` : ''}</span>
          </span>
          <span class="row-end">${device.seen_at ? t('heard %(ago)s', { ago: ago(Date.parse(device.seen_at), now) }) : t('never heard')}</span>
        </button>
      </li>`}
  <//>`
}

/** A square with the surname. */
export function Surname({ person }) {
  const letter = /\p{Script=Han}/u.test(person.name) ? [...person.name][0] : person.name.slice(0, 1)
  return html`<span class="surname" aria-hidden="true">${letter}</span>`
}

/** Who told of an incident: reports of people and alerts of devices, each with its own time. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon, sourceIcon } from '../shared/icons.js'
import { Caller } from './incident-caller.js'
import { Section } from './section.js'
import { moment } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { nameOf, sourceWord } from '../shared/words.js'

export function Sources({ sources }) {
  if (!sources.length) return null
  return html`<${Section} title=${t('Told by')} beside=${sources.length}>
    <ul class="sources">${sources.map((source) => html`<${Source} key=${source.id} source=${source} />`)}</ul>
  <//>`
}

function Source({ source }) {
  const { store, zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 60_000) * 60_000)
  const { device, reporter } = source
  const openDevice = () => store.dispatch({ type: 'select', selection: { kind: 'device', id: device.code } })
  return html`<li>
    <${Icon} name=${sourceIcon(source.source)} size=${18} />
    <div>
      <p class="source-line">
        <b>${device ? html`<button class="link" onClick=${openDevice}>${nameOf(device)}</button>` : reporter ? nameOf(reporter) : sourceWord(source.source)}</b>
        <time>${moment(Date.parse(source.occurred_at), now, zone)}</time>
      </p>
      ${source.text && html`<p class="source-text">${source.text}</p>`}
      ${source.caller && html`<${Caller} report=${source.id} caller=${source.caller} />`}
      <p class="why">${remarks(source, now, zone).join(' · ')}</p>
    </div>
  </li>`
}

function remarks(source, now, zone) {
  const late = Date.parse(source.received_at) - Date.parse(source.occurred_at) > 60_000
  return [
    source.device || source.reporter ? sourceWord(source.source) : null,
    source.class,
    source.score !== null && source.score !== undefined ? t('score %(n)s', { n: source.score.toFixed(2) }) : null,
    late ? t('received %(time)s', { time: moment(Date.parse(source.received_at), now, zone) }) : null,
    source.clock_suspect ? t('its clock looks wrong') : null,
  ].filter(Boolean)
}

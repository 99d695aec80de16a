/** What was said of an incident, and what was done with it. */
import { html } from '../vendor/preact.js'
import { answered } from '../shared/checklist.js'
import { t } from '../shared/i18n.js'
import { Icon, sourceIcon } from '../shared/icons.js'
import { moment } from '../shared/time.js'
import { doerWord, doneWord, nameOf, roleWord, sourceWord } from '../shared/words.js'
import { everyTenSeconds, useWorld, zoneOf } from './world.js'

export function Sources({ sources }) {
  const now = useWorld(everyTenSeconds)
  const zone = useWorld(zoneOf)
  if (!sources.length) return null
  return html`<section class="part" aria-label=${t('Told by')}>
    <h2 class="part-title">${t('Told by')}</h2>
    <ul class="told">
      ${sources.map(
        ({ id, source, device, reporter, text, occurred_at: at }) => html`<li key=${id}>
          <${Icon} name=${sourceIcon(source)} />
          <p><b>${device ? nameOf(device) : reporter ? nameOf(reporter) : sourceWord(source)}</b> <time>${moment(Date.parse(at), now, zone)}</time>${text && html`<span>${text}</span>`}</p>
        </li>`,
      )}
    </ul>
  </section>`
}

export function Log({ log, intact, checklists = [] }) {
  const now = useWorld(everyTenSeconds)
  const zone = useWorld(zoneOf)
  if (!log.length) return null
  return html`<section class="part" aria-label=${t('Log')}>
    <h2 class="part-title">${t('Log')} <span>${intact ? t('chain intact') : t('chain broken: tell the auditor')}</span></h2>
    <ol class="log">
      ${[...log].sort((a, b) => b.seq - a.seq).map(
        (row) => html`<li key=${row.seq}>
          <time>${moment(Date.parse(row.at), now, zone)}</time>
          <div>
            <p>${t('%(who)s %(did)s', { who: row.actor ? nameOf(row.actor) : doerWord(row.role), did: doneWord(row.step) })}${row.note && html`<span>${row.note}</span>`}<small>${row.actor ? roleWord(row.role) : ''}</small></p>
            ${row.checklist && html`<dl class="answers">${answered(checklists, row.checklist).map(([name, answer]) => html`<div key=${name}><dt>${name}</dt><dd>${answer}</dd></div>`)}</dl>`}
          </div>
        </li>`,
      )}
    </ol>
  </section>`
}

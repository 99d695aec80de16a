/** What was done, newest first; the lock says that the chain of the log still holds. */
import { html } from '../vendor/preact.js'
import { answered } from '../shared/checklist.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { Section } from './section.js'
import { moment } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { doerWord, doneWord, nameOf, roleWord } from '../shared/words.js'

export function IncidentLog({ log, intact, checklists = [] }) {
  const { zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 60_000) * 60_000)
  const lock = intact
    ? html`<span class="chain"><${Icon} name="lock" size=${15} />${t('chain intact')}</span>`
    : html`<span class="chain broken"><${Icon} name="unlock" size=${15} />${t('chain broken: tell the auditor')}</span>`
  return html`<${Section} title=${t('Log')} beside=${lock}>
    <ol class="log">
      ${[...log].sort((a, b) => b.seq - a.seq).map(
        (row) => html`<li key=${row.seq}>
          <time>${moment(Date.parse(row.at), now, zone)}</time>
          <div>
            <p>${t('%(who)s %(did)s', { who: row.actor ? nameOf(row.actor) : doerWord(row.role), did: doneWord(row.step) })}</p>
            ${row.note && html`<p class="source-text">${row.note}</p>`}
            ${row.checklist && html`<dl class="answers">${answered(checklists, row.checklist).map(([name, answer]) => html`<div key=${name}><dt>${name}</dt><dd>${answer}</dd></div>`)}</dl>`}
            <p class="why">${[row.actor ? roleWord(row.role) : null, row.reason].filter(Boolean).join(' · ')}</p>
          </div>
        </li>`,
      )}
    </ol>
  <//>`
}

/** Who has an incident and who takes part; and what it is related to. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { StateChip } from './incident-row.js'
import { Section } from './section.js'
import { moment } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { figure, levelWord, nameOf, partyWord } from '../shared/words.js'

export function InWhoseHands({ item }) {
  const { zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 60_000) * 60_000)
  const { holder = {}, parties, level } = item
  const who = [holder.department, holder.person].filter(Boolean).map(nameOf)
  return html`<${Section} title=${t('In whose hands')} beside=${level ? levelWord(level) : undefined}>
    <p class="fact">${who.length ? who.join(' · ') : t('Nobody has it in hand yet.')}</p>
    ${parties.length > 0 &&
    html`<ul class="parties">
      ${parties.map(
        (party) => html`<li key=${party.party} class=${party.takes_part ? '' : 'ended'}>
          <b>${nameOf(party)}</b><span>${partyWord(party.role)}</span>
          <em>${party.until ? t('until %(time)s', { time: moment(Date.parse(party.until), now, zone) }) : ''}</em>
        </li>`,
      )}
    </ul>`}
  <//>`
}

/** Numbers that were merged into it, what arose from it, and where it comes from or went: all stay findable. */
export function Related({ item }) {
  const lines = [
    [t('Merged into'), item.merged_into ? [item.merged_into] : []],
    [t('Merged with it'), item.merged ?? []],
    [t('Arose from'), item.arose_from ? [item.arose_from] : []],
    [t('What arose from it'), item.derived ?? []],
  ].filter(([, found]) => found.length)
  if (!lines.length) return null
  return html`<${Section} title=${t('Related')}>
    <dl class="related">${lines.map(([word, found]) => html`<div key=${word}><dt>${word}</dt><dd>${found.map((other) => html`<${Leads} key=${other.id} other=${other} />`)}</dd></div>`)}</dl>
  <//>`
}

/** Open incidents that may be the same matter, before it is filed: one press merges. */
export function MayBeTheSame({ item }) {
  const { actions } = usePage()
  const merges = item.steps.some(({ step }) => step === 'merge')
  if (!item.similar.length) return null
  return html`<${Section} title=${t('May be the same')} beside=${item.similar.length}>
    <ul class="similar">
      ${item.similar.map(
        (other) => html`<li key=${other.id}>
          <div class="source-line"><${Leads} other=${other} /><span>${t('%(n)s m away', { n: figure(Math.round(other.distance_m)) })} · ${Math.round(other.score * 100)}%</span></div>
          <p class="why">${other.why.join(' ')}</p>
          ${merges && html`<button class="button small" onClick=${() => actions.askStep({ steps: ['merge'], said: { with: { into: other.number } } })}><${Icon} name="merge" size=${16} />${t('Merge into it')}</button>`}
        </li>`,
      )}
    </ul>
  <//>`
}

function Leads({ other }) {
  const { store } = usePage()
  const open = () => store.dispatch({ type: 'select', selection: { kind: 'incident', id: other.id } })
  return html`<span class="leads"><button class="link" onClick=${open}><code>${other.number}</code></button>${other.state && html`<${StateChip} state=${other.state} />`}</span>`
}

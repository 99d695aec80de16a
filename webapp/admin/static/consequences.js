/** What a change of rules would do: the numbers, the rules one by one, and what it means for the open work. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure } from '../shared/words.js'
import { cellText, dayText } from './catalogue-words.js'
import { Confirm } from './confirm.js'
import { FlawMark } from './marks.js'

const changeWord = (kind) => ({ added: t('added'), changed: t('changed'), ended: t('ended'), same: t('as it is') })[kind]

/**
 * @param {{ told: object, table: object, names?: object, deed: object, verb: string, onYes: () => void,
 *           onLeave: () => void }} props  `told`: what a preview answered
 */
export function Consequences({ told, table, names = {}, deed, verb, onYes, onLeave }) {
  const { counts, defects, changes, weight } = told
  const box = useRef()
  // It comes below a long form, with the button that writes at its end.
  useEffect(() => box.current?.scrollIntoView({ block: 'end' }), [told])
  if (defects.count > 0) return html`<${Defects} defects=${defects} onLeave=${onLeave} />`
  const idle = counts.added + counts.changed + counts.ended === 0
  if (idle) return html`<section class="sheet-form"><p>${t('All of it is so already. Nothing would change.')}</p><div class="buttons"><button type="button" class="button" onClick=${onLeave}>${t('Back')}</button></div></section>`
  return html`<section class="consequences" ref=${box}>
    <dl class="counts">${Object.entries(counts).map(([kind, n]) => html`<div key=${kind} class=${n ? '' : 'is-none'}><dd>${figure(n)}</dd><dt>${changeWord(kind)}</dt></div>`)}</dl>
    <ol class="changes" tabindex="0" aria-label=${t('What would change')}>
      ${changes.map((change, at) => html`<${Change} key=${at} change=${change} table=${table} names=${names} />`)}
    </ol>
    ${told.changes_left_out > 0 && html`<p class="explained">${t('… and %(n)s more, not listed.', { n: figure(told.changes_left_out) })}</p>`}
    <div class="note weight">${weight?.sentences.length > 0 ? weight.sentences.map((sentence) => html`<p key=${sentence}>${sentence}</p>`) : html`<p>${t('Of %(n)s open incidents none would be treated otherwise.', { n: figure(weight?.open ?? 0) })}</p>`}</div>
    <${Confirm} deed=${deed} verb=${verb} sentence=${summary(counts, told.effective)} onYes=${onYes} onLeave=${onLeave} />
  </section>`
}

function summary(counts, effective) {
  const parts = [counts.added && t('%(n)s added', { n: figure(counts.added) }), counts.changed && t('%(n)s changed', { n: figure(counts.changed) }), counts.ended && t('%(n)s ended', { n: figure(counts.ended) })]
  return t('From %(day)s: %(changes)s. All of it is written, or nothing.', { day: dayText(effective), changes: parts.filter(Boolean).join(t(', ')) })
}

function Change({ change, table, names }) {
  const { kind, key, row, since, until, before, after } = change
  const worded = (values, name) => cellText(values, table.fields.find((field) => field.name === name), names) || '–'
  const differs = before && after ? Object.keys(after).filter((name) => String(before[name] ?? '') !== String(after[name] ?? '')) : []
  const shown = before && after ? differs : Object.keys(after ?? before ?? {}).filter((name) => !['', null].includes((after ?? before)[name]))
  return html`<li>
    <p><span class="change change-${kind}">${changeWord(kind)}</span> <b class="code">${keyText(table, key) || '–'}</b>${row !== null && html` <span class="meta">${t('row %(row)s', { row })}</span>`}</p>
    <dl>${shown.map((name) => html`<div key=${name}><dt>${table.fields.find((field) => field.name === name)?.title ?? name}</dt><dd>${before && after && html`<s>${worded(before, name)}</s> `}${worded(after ?? before, name)}</dd></div>`)}</dl>
    ${table.ends && html`<p class="meta">${[since && t('since %(day)s', { day: dayText(since) }), until && t('ends on %(day)s', { day: dayText(until) })].filter(Boolean).join(' · ')}</p>`}
  </li>`
}

/** The codes that say which rule it is; of a choice, its title. */
function keyText(table, key) {
  const titled = (value, at) => table.fields.find(({ name }) => name === table.key[at])?.choices.find((choice) => choice.value === value)?.title ?? value
  return key.map(titled).filter(Boolean).join(' · ')
}

/** What is wrong, row by row: with any of it nothing is written. */
function Defects({ defects, onLeave }) {
  return html`<section class="consequences" role="alert">
    <h3>${t('Must change')} · ${figure(defects.count)}</h3>
    <ol class="changes" tabindex="0" aria-label=${t('Must change')}>
      ${defects.listed.map(({ row, column, sentence }, at) => html`<li key=${at} class="rule-defect"><${FlawMark} grave=${true} title=${t('Must change')} /><p><b>${sentence}</b><span class="meta">${[row !== null && t('row %(row)s', { row }), column].filter(Boolean).join(' · ')}</span></p></li>`)}
    </ol>
    <p class="explained">${t('Nothing is written while something must change.')}</p>
    <div class="buttons"><button type="button" class="button" onClick=${onLeave}>${t('Back')}</button></div>
  </section>`
}

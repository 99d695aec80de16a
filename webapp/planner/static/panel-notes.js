/** What was said of a plan and what happened to it, newest first, with who and when. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { moment } from '../shared/time.js'
import { nameOf } from '../shared/words.js'
import { onFormKey } from './panel-form.js'
import { Nothing } from './panel-signs.js'
import { stepDoneWord } from './panel-words.js'

/**
 * Steps and words in one list, newest first. A word that came with a step stands under its step.
 * @returns {{ key: string, at: string, by: object|null, did: string, body: string|null }[]}
 */
export function timeline({ notes, steps, check }) {
  const titleOf = (item) => check?.items.find(({ key }) => key === item)?.title ?? null
  const said = notes
    .filter(({ kind }) => kind !== 'step')
    .map(({ id, at, by, kind, item, body }) => ({
      key: id,
      at,
      by,
      did: kind === 'comment' ? t('commented') : titleOf(item) ? t('gave a reason for “%(item)s”', { item: titleOf(item) }) : t('gave a reason'),
      body,
    }))
  const done = steps.map(({ at, by, step, note }) => ({ key: `${step} ${at}`, at, by, did: stepDoneWord(step), body: note || null }))
  return [...said, ...done].sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
}

export function Notes({ state, actions }) {
  const rows = timeline(state)
  return html`<section class="plan-panel plan-notes" aria-label=${t('Comments and steps')}>
    <${Comment} state=${state} actions=${actions} />
    ${!rows.length && html`<${Nothing} why=${t('Nobody has said anything yet.')} fills=${t('Comments, reasons and every step of the plan stand here, with who and when.')} />`}
    <ol class="plan-log">
      ${rows.map(
        ({ key, at, by, did, body }) => html`<li key=${key}>
          <p><b>${by ? nameOf(by) : t('System')}</b> ${did}</p>
          <time datetime=${at}>${moment(Date.parse(at), Date.now(), state.zone)}</time>
          ${body && html`<p class="plan-said">${body}</p>`}
        </li>`,
      )}
    </ol>
  </section>`
}

function Comment({ state, actions }) {
  const [body, setBody] = useState('')
  const send = async (event) => {
    event.preventDefault()
    if (body.trim() && (await actions.comment(body.trim()))) setBody('')
  }
  return html`<form class="plan-form" onSubmit=${send} onKeyDown=${(event) => onFormKey(event, () => event.target.blur())}>
    <label>${t('Comment')}<textarea rows="2" maxlength="2000" value=${body} onInput=${(event) => setBody(event.currentTarget.value)}></textarea></label>
    <div class="plan-buttons"><button class="button small" disabled=${!body.trim() || state.busy}>${t('Add the comment')}</button></div>
  </form>`
}

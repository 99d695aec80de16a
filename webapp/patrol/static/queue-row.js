/** One thing on its way: its photo, what it is, when it was taken, and how far it has come. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { moment } from '../shared/time.js'
import { nameOf, stateWord, stepWord } from '../shared/words.js'
import { everyTenSeconds, usePage, useWorld, zoneOf } from './world.js'

export function QueueRow({ item }) {
  const { actions } = usePage()
  const opens = item.state === 'received' && item.incident
  const inside = html`<${Thumb} item=${item} />
    <span class="row-main">
      <b>${titleOf(item)}</b>
      <span class="row-second"><${Facts} item=${item} /></span>
      ${item.state === 'sending' && html`<span class="progress" role="progressbar" aria-label=${t('Sent so far')} aria-valuenow=${percent(item)} aria-valuemin="0" aria-valuemax="100"><span style=${{ width: `${percent(item)}%` }}></span></span>`}
      ${item.state === 'refused' && html`<span class="refusal">${item.sentence}</span>`}
    </span>`
  return html`<li class="queue-row">
    ${opens ? html`<button class="task" onClick=${() => actions.go({ name: 'incident', id: item.incident })}>${inside}<${Standing} item=${item} /></button>` : html`<div class="task">${inside}<${Standing} item=${item} /></div>`}
    ${item.state === 'refused' && html`<${RefusedActions} item=${item} />`}
  </li>`
}

const percent = ({ progress }) => Math.round(progress * 100)

/** 井盖缺失, or 接单 · 井盖缺失 for a step. */
function titleOf({ kind, label, unreadable }) {
  if (unreadable) return t('Cannot be read')
  const what = label?.category ? nameOf(label.category) : t('No class yet')
  return kind === 'step' ? `${stepWord(label.step)} · ${what}` : what
}

/** An address of memory for a picture, given back when it is no longer shown. */
function Thumb({ item }) {
  const [url, setUrl] = useState(null)
  useEffect(() => {
    if (!item.thumb) return undefined
    const made = URL.createObjectURL(item.thumb)
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [item.thumb])
  if (url) return html`<img class="thumb" src=${url} alt="" />`
  return html`<span class="thumb"><${Icon} name=${item.kind === 'step' ? 'hand' : 'file'} size=${24} /></span>`
}

function Facts({ item }) {
  const now = useWorld(everyTenSeconds)
  const zone = useWorld(zoneOf)
  const at = item.capturedAt && moment(Date.parse(item.capturedAt), now, zone)
  const facts =
    item.state === 'received'
      ? [item.number, at]
      : [item.number, at, item.label?.grid && nameOf(item.label.grid), item.state === 'sending' ? t('%(share)s sent', { share: `${percent(item)}%` }) : item.photos > 0 && t('%(n)s photos', { n: item.photos })]
  return facts.filter(Boolean).map((fact) => html`<span key=${fact}>${fact}</span>`)
}

/** At the right: why it waits, a way to hold it, or what became of it. */
function Standing({ item }) {
  const { actions } = usePage()
  const online = useWorld((state) => state.online)
  const state = useWorld((world) => world.patrol?.today.incidents.find(({ id }) => id === item.incident)?.state)
  if (item.state === 'received') return html`<span class="standing ok"><${Icon} name="check" size=${22} />${state ? stateWord(state) : t('Received')}</span>`
  if (item.state === 'refused') return null
  if (item.held) return html`<button class="standing" onClick=${() => actions.release(item.id)}><${Icon} name="up" size=${22} />${t('Send')}</button>`
  if (item.state === 'sending') return html`<button class="standing" onClick=${() => actions.hold(item.id)}><${Icon} name="pause" size=${22} />${t('Hold')}</button>`
  return html`<span class="standing"><${Icon} name="clock" size=${22} />${online ? t('soon') : t('waits for network')}</span>`
}

function RefusedActions({ item }) {
  const { actions } = usePage()
  const [failure, setFailure] = useState(null)
  const remove = async () => setFailure((await actions.remove(item.id)).sentence ?? null)
  return html`<div class="refused-actions">
    ${!item.unreadable && html`<button class="button" onClick=${() => actions.release(item.id)}>${t('Send again')}</button>`}
    <button class="button" onClick=${remove}>${t('Remove')}</button>
    ${failure && html`<p class="failure" role="alert">${failure}</p>`}
  </div>`
}

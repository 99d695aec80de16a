/** What residents sent, judged card by card before others see it; above it the matters they want taken up again. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { api, photoAddress, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { moment } from '../shared/time.js'
import { classText, nameOf } from '../shared/words.js'

export function Queue({ zone }) {
  const [found, take] = useState(null)
  const [problem, fail] = useState(null)
  const load = guarded(fail, async () => take(await api.get('/moderation')))
  useEffect(() => {
    load()
  }, [])
  const judge = guarded(fail, async (id, body) => {
    await api.put(`/moderation/${id}`, body)
    await load()
  })
  const decide = guarded(fail, async (id, body) => {
    await api.post(`/ratings/${id}/decision`, body)
    await load()
  })
  if (!found) return html`<p class="empty" role="status">${problem ? problem.message : t('Loading')}</p>`
  return html`
    ${problem && html`<p class="failure" role="alert">${problem.message}</p>`}
    ${found.wishes.length > 0 && html`<h2>${t('To be taken up again?')}</h2>
      <ul class="judged">${found.wishes.map((one) => html`<${Wish} key=${one.id} one=${one} zone=${zone} onDecide=${decide} />`)}</ul>`}
    <h2>${t('%(n)s wait to be looked at', { n: found.total })}</h2>
    ${found.items.length === 0 && html`<p class="empty">${t('Nothing waits. What residents send is shown to others only after somebody looked at it here.')}</p>`}
    <ul class="judged">${found.items.map((one) => html`<${Card} key=${one.id} one=${one} why=${found.why} zone=${zone} onJudge=${judge} />`)}</ul>`
}

/** A refusal is shown and the page goes on. */
const guarded = (fail, act) => async (...told) => {
  try {
    fail(null)
    await act(...told)
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem
    fail(problem)
  }
}

function Card({ one, why, zone, onJudge }) {
  const [shown, take] = useState({ text: one.text !== '', photos: one.photos.length > 0 })
  const [reason, choose] = useState('')
  const hides = !shown.text && !shown.photos
  return html`<li>
    <div><b>${classText(one)}</b> <span class="meta">${nameOf(one.place)} · ${moment(new Date(one.received_at), new Date(), zone)}</span></div>
    <a href=${`/?incident=${one.incident.id}`}>${one.incident.number}</a>
    ${one.from_door > 5 && html`<p class="warned">${t('%(n)s came from this door within an hour', { n: one.from_door })}</p>`}
    ${one.text && html`<p class="words">${one.text}</p>`}
    ${one.photos.length > 0 && html`<div class="pictures">${one.photos.map((sha256) => html`<img key=${sha256} src=${photoAddress(sha256, 'thumb')} alt=${t('Photo of the report')} />`)}</div>`}
    ${one.text && html`<label class="inline"><input type="checkbox" checked=${shown.text} onChange=${({ target }) => take({ ...shown, text: target.checked })} />${t('Show the words')}</label>`}
    ${one.photos.length > 0 && html`<label class="inline"><input type="checkbox" checked=${shown.photos} onChange=${({ target }) => take({ ...shown, photos: target.checked })} />${t('Show the photos, coarse')}</label>`}
    ${hides && html`<label>${t('Why it is hidden')}<select value=${reason} onChange=${({ target }) => choose(target.value)}>
      <option value="">${t('Choose')}</option>${why.map(({ code, name }) => html`<option key=${code} value=${code}>${name}</option>`)}</select></label>`}
    <div class="buttons"><button class=${`button ${hides ? '' : 'primary'}`} disabled=${hides && !reason} onClick=${() => onJudge(one.id, { ...shown, why: reason || null })}>${hides ? t('Hide it') : t('Show it')}</button></div>
  </li>`
}

function Wish({ one, zone, onDecide }) {
  const [answer, write] = useState('')
  return html`<li>
    <div><b>${classText(one)}</b> <span class="meta">${moment(new Date(one.rated_at), new Date(), zone)}</span></div>
    <a href=${`/?incident=${one.incident.id}`}>${one.incident.number}</a>
    <p class="words">${one.words}</p>
    <label>${t('Answer, if it is not taken up')}<input value=${answer} maxlength="200" onInput=${({ target }) => write(target.value)} /></label>
    <div class="buttons">
      <button class="button primary" onClick=${() => onDecide(one.id, { granted: true, answer })}>${t('Take it up again')}</button>
      <button class="button" disabled=${!answer.trim()} onClick=${() => onDecide(one.id, { granted: false, answer })}>${t('Leave it closed')}</button>
    </div>
  </li>`
}

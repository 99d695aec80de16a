/** Which two days are compared, chosen by hand or by an edition, and what it comes to. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { date, dayOf } from '../shared/time.js'
import { figure } from '../shared/words.js'
import { dayIn, isSpanOf, spanOf } from './differences-days.js'
import { groundText } from './differences-words.js'

export function Days({ span, editions, zone, onSpan }) {
  const today = dayOf(Date.now(), zone)
  const first = editions.length ? dayOf(Date.parse(editions[0].effective_at), zone) : today
  const [from, to] = [dayIn(span.from, zone), dayIn(span.to, zone)]
  const set = (name) => ({ target }) => target.value && onSpan({ from, to, [name]: target.value })
  return html`
    <div class="day-pair">
      <label>${t('Earlier day')}<input type="date" value=${from} min=${first} max=${today} onChange=${set('from')} /></label>
      <label>${t('Later day')}<input type="date" value=${to} min=${first} max=${today} onChange=${set('to')} /></label>
    </div>
    <p class="meta">${t('A day is compared as it was at its end.')}</p>
    <${Editions} span=${span} editions=${editions} zone=${zone} onSpan=${onSpan} />`
}

/** Each publish of the boundaries, the newest first: what it changed. */
function Editions({ span, editions, zone, onSpan }) {
  const later = editions.slice(1).reverse()
  if (!later.length) return html`<p class="meta">${t('The boundaries were published once so far; there is nothing to compare yet.')}</p>`
  const whole = { from: dayOf(Date.parse(editions[0].effective_at), zone), to: dayOf(Date.now(), zone) }
  const isWhole = span.from === whole.from && span.to === whole.to
  return html`<section class="difference-editions">
    <h2>${t('What an edition changed')}</h2>
    <ol>
      ${later.map(
        (edition) => html`<li key=${edition.n}>
          <button aria-pressed=${String(isSpanOf(span, edition))} onClick=${() => onSpan(spanOf(edition))}>
            <b>${t('Edition %(n)s', { n: edition.n })}</b><span>${date(Date.parse(edition.effective_at), zone)}</span>
          </button>
        </li>`,
      )}
      <li><button aria-pressed=${String(isWhole)} onClick=${() => onSpan(whole)}><b>${t('Since the first edition')}</b><span>${date(Date.parse(editions[0].effective_at), zone)}</span></button></li>
    </ol>
  </section>`
}

/** Who came, ended and changed, what moved, and which plans did it. */
export function Totals({ found, zone }) {
  const { totals, editions } = found
  const entries = [
    ['came', t('Newly made'), figure(totals.came)],
    ['ended', t('Ended'), figure(totals.ended)],
    ['changed', t('Changed'), figure(totals.changed)],
    ['households', t('households move'), figure(totals.households_moved)],
    ['ground', t('ground moved'), groundText(totals.area_m2_moved)],
    ['grids', t('grids'), `${figure(totals.grids_before)} → ${figure(totals.grids_after)}`],
  ]
  return html`<section>
    <dl class="difference-totals">
      ${entries.map(([key, word, n]) => html`<div key=${key}><dt>${word}</dt><dd data-total=${key}>${n}</dd></div>`)}
    </dl>
    ${editions.length > 0 &&
    html`<ul class="publications">
      ${editions.map((edition) => html`<li key=${edition.n}><${Publication} edition=${edition} zone=${zone} /></li>`)}
    </ul>`}
  </section>`
}

/** Which plan made an edition, who drew it up and who approved it. */
export function Publication({ edition, zone }) {
  const { plan, author, approver, note } = edition
  const people = [author && t('drawn by %(name)s', { name: author }), approver && t('approved by %(name)s', { name: approver })]
  return html`<p>
      <b>${t('Edition %(n)s', { n: edition.n })}</b> <span class="meta">${date(Date.parse(edition.effective_at), zone)}</span>
    </p>
    <p class="meta">${[plan ? `${plan.number} ${plan.title}` : note || t('Imported, without a plan'), ...people].filter(Boolean).join(' · ')}</p>`
}

/** What stands where nothing stands yet: why, what fills it, and at most one button. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'

const WHY = {
  all: () => [t('Nothing is open.'), t('A report or an alert appears here by itself.')],
  file: () => [t('Nothing waits to be filed.'), t('Reports of residents and the hotline appear here first.')],
  filed: () => [t('Nothing is filed and open.'), t('What is filed stays here until it is closed.')],
  doubt: () => [t('Every incident has its grid.'), t('One without a place, or with several grids possible, appears here.')],
  mine: () => [t('Nothing is with you.'), t('What you reported or hold appears here.')],
  overdue: () => [t('Nothing is overdue.'), t('An incident whose deadline has passed appears here.')],
  today: () => [t('Nothing new today.'), t('What happens from midnight on appears here.')],
  people: () => [t('Nobody is assigned here.'), t('People appear here once an administrator assigns them to a grid or an area.')],
  silent: () => [t('Every device is heard.'), t('One that has not been heard for a while appears here.')],
}

export function EmptyList({ show, failed, onRetry, onAll }) {
  const [why, fills] = failed ? [failed, t('What is on the screen may be old.')] : WHY[show]()
  return html`<div class="empty" role=${failed ? 'alert' : 'status'}>
    <p>${why}</p>
    <p>${fills}</p>
    ${failed && html`<button class="button" onClick=${onRetry}>${t('Load again')}</button>`}
    ${!failed && show !== 'all' && html`<button class="button" onClick=${onAll}>${t('Show all')}</button>`}
  </div>`
}

/** Rows as grey bars; they show only after 200 ms, by the style sheet. */
export function GreyRows({ n = 8 }) {
  return html`<div class="grey-rows" aria-hidden="true">
    ${Array.from({ length: n }, (_, i) => html`<div key=${i} class="grey-row"><i></i><span><b></b><b></b></span></div>`)}
  </div>`
}

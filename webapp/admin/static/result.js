/** The right side: what an import would do, what is wrong, and the one button that writes. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Failure } from './import-form.js'
import { FlawMark, TickMark } from './marks.js'
import { Sentence } from './sentence.js'
import { changeWord, datumWord, deedText, figure, kindWord, proposedDatum } from './words.js'

export function Result({ state, work }) {
  const { result, busy, outcome, stale } = state
  const body = outcome ? html`<${Outcome} outcome=${outcome} me=${state.me} />` : result ? html`<${Found} state=${state} work=${work} />` : html`<${Nothing} state=${state} />`
  return html`<section class="result-panel ${stale ? 'is-stale' : ''}" aria-label=${t('What was found')} aria-busy=${busy === 'checking' ? 'true' : 'false'}>
    ${busy === 'checking' && html`<${Waiting} sentence=${t('Reading and checking the file…')} />`}
    ${body}
  </section>`
}

/** Shown after 200 ms, by the style sheet. */
const Waiting = ({ sentence }) => html`<div class="waiting" role="status"><div class="progress progress-open"><i></i></div><p>${sentence}</p></div>`

function Nothing({ state }) {
  if (state.busy === 'checking') return null
  return html`<div class="nothing">
    <p>${t('Nothing is checked yet.')}</p>
    <p>${t('Choose what a file holds, then the file. What it would change, what is wrong in it and where stands here. Nothing is written before you say so.')}</p>
  </div>`
}

function Found({ state, work }) {
  const { result, chosen } = state
  const { counts, defects, notes } = result
  return html`<header class="result-head">
      <p class="meta">${readText(result)}</p>
      <h2>${t('%(n)s rows', { n: figure(result.rows) })} · ${kindWord(result.kind)}</h2>
      <dl class="counts">
        ${Object.entries(counts).map(([name, n]) => html`<div key=${name} class=${n ? '' : 'is-none'}><dd>${figure(n)}</dd><dt>${changeWord(name)}</dt></div>`)}
      </dl>
      ${notes.map((note) => html`<p class="note" key=${note}><${Sentence} text=${note} /></p>`)}
    </header>
    <${Defects} defects=${defects} chosen=${chosen} work=${work} />
    <${Foot} state=${state} work=${work} />`
}

function readText({ read }) {
  const crs = read.crs ?? t('no coordinate system said')
  return [read.format, crs, read.datum && datumWord(read.datum)].filter(Boolean).join(' · ')
}

function Defects({ defects, chosen, work }) {
  const list = useRef()
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  if (defects.count === 0) return html`<div class="defects sound"><${TickMark} /><p><b>${t('Nothing is wrong.')}</b><span>${t('Every row can be written as it stands.')}</span></p></div>`
  const slight = defects.count - defects.grave
  const more = defects.count - defects.listed.length
  return html`<div class="defects">
    <div class="section-head"><h3>${defects.grave ? t('Must change') : t('Worth a look')}</h3><span>${[defects.grave && t('%(n)s grave', { n: figure(defects.grave) }), slight && t('%(n)s to look at', { n: figure(slight) })].filter(Boolean).join(' · ')}</span></div>
    <ol ref=${list}>
      ${defects.listed.map((defect, at) => html`<${DefectRow} key=${at} at=${at} defect=${defect} on=${chosen.flaw === at} work=${work} />`)}
    </ol>
    ${more > 0 && html`<p class="explained">${t('… and %(n)s more, not listed.', { n: figure(more) })}</p>`}
  </div>`
}

function DefectRow({ at, defect, on, work }) {
  const { row, column, sentence, lon, grave } = defect
  const datum = proposedDatum(sentence)
  const where = [row !== null ? t('row %(row)s', { row }) : t('whole file'), column].filter(Boolean).join(' · ')
  return html`<li>
    <button class="defect" aria-current=${on ? 'true' : 'false'} onClick=${() => work.choose({ flaw: at, row, fly: true })}>
      <${FlawMark} grave=${grave} title=${grave ? t('Must change') : t('Worth a look')} />
      <span><b><${Sentence} text=${sentence} /></b><span>${where}${lon === null && row !== null ? ` · ${t('no place')}` : ''}</span></span>
    </button>
    ${datum && html`<button class="link repair" onClick=${() => work.declare({ datum })}>${t('Read it as %(datum)s', { datum: datumWord(datum) })}</button>`}
  </li>`
}

function Foot({ state, work }) {
  const { result, busy, error, stale } = state
  const { counts } = result
  const idle = counts.new + counts.changed + counts.ended === 0
  let why = null
  if (result.defects.grave) why = t('Repair the file, or the options at the left, and check it again. Nothing is written while something must change.')
  else if (stale) why = t('Check again with the changed options first.')
  else if (idle) why = t('Everything in the file is stored already.')
  else if (result.hindrance) why = result.hindrance
  if (busy === 'importing') return html`<footer><${Waiting} sentence=${t('Writing. This may take a minute; leave the page open.')} /></footer>`
  return html`<footer>
    <${Failure} error=${error} place="import" />
    <button class="button primary deed" disabled=${why !== null || busy !== null} onClick=${work.carryOut}>${deedText(result)}</button>
    <p class="explained"><${Sentence} text=${why ?? t('All of it is written, or nothing.')} /></p>
  </footer>`
}

function Outcome({ outcome, me }) {
  const { counts, kind, edition, name } = outcome
  const done = Object.entries(counts).filter(([, n]) => n)
  const sees = me.can.includes('map.see')
  return html`<div class="outcome" role="status">
    <${TickMark} />
    <h2>${kind === 'grids' ? t('Edition %(edition)s is in force', { edition }) : t('The file is imported')}</h2>
    <p class="meta">${name} · ${kindWord(kind)}</p>
    <dl class="counts">${done.map(([word, n]) => html`<div key=${word}><dd>${figure(n)}</dd><dt>${changeWord(word)}</dt></div>`)}</dl>
    ${sees && html`<a class="button primary" href=${placeOf(outcome)}>${t('See it on the map')}</a>`}
    <p class="explained">${t('Choose another file at the left to go on.')}</p>
  </div>`
}

/** The command page over the middle of what was imported. */
function placeOf({ bounds }) {
  if (!bounds) return '/'
  const [lon, lat] = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2]
  return `/?at=${lon.toFixed(5)},${lat.toFixed(5)},14.00`
}

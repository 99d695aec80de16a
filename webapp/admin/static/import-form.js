/** The left side of an import: what, which file, and what must be said beside it. */
import { html, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { FileMark, InMark, OutMark } from './marks.js'
import { Options } from './options.js'
import { Sentence } from './sentence.js'
import { figure, kindSentence, percent, sizeText } from './words.js'

const ACCEPTED = '.geojson,.json,.gpkg,.zip,.fgb,.kml,.csv,.xlsx,.parquet'

export function ImportForm({ state, work }) {
  const { kinds, kind, busy, error, upload, result, stale } = state
  if (!kinds.length) return html`<${Nobody} me=${state.me} />`
  const about = kinds.find(({ name }) => name === kind)
  return html`<div class="form">
    <section>
      <h2>${t('What it holds')}</h2>
      <div class="chips" role="radiogroup" aria-label=${t('What it holds')} onKeyDown=${(event) => walk(event, kinds, kind, work)}>
        ${kinds.map(({ name, title }) => html`<${KindChip} key=${name} name=${name} title=${title} on=${name === kind} busy=${busy} work=${work} />`)}
      </div>
      <p class="explained">${kindSentence(kind)}</p>
      ${about.hindrance && html`<p class="explained hint"><${Sentence} text=${about.hindrance} /></p>`}
      <button class="link template" disabled=${busy === 'template'} onClick=${() => work.template(kind)}><${OutMark} size=${16} />${t('Excel template')}</button>
      <${Failure} error=${error} place="template" />
    </section>
    <section>
      <h2>${t('The file')}</h2>
      <${FilePlace} state=${state} work=${work} />
      <${Failure} error=${error} place="file" />
    </section>
    ${upload && html`<${Options} state=${state} work=${work} />`}
    <${Failure} error=${error} place="check" />
    ${upload &&
    html`<div class="form-foot">
      <button class=${stale || !result ? 'button primary' : 'button'} disabled=${busy !== null} onClick=${work.check}>${result ? t('Check again') : t('Check')}</button>
      <p class="explained">${stale && result ? t('The options have changed since the check.') : t('A check writes nothing.')}</p>
    </div>`}
  </div>`
}

function KindChip({ name, title, on, busy, work }) {
  return html`<button class="chip" role="radio" aria-checked=${on ? 'true' : 'false'} tabindex=${on ? 0 : -1} disabled=${busy === 'importing'} data-kind=${name} onClick=${() => on || work.chooseKind(name)}>${title}</button>`
}

/** Arrows walk a group of which one is always chosen. */
function walk(event, kinds, kind, work) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
  if (!step) return
  event.preventDefault()
  const at = kinds.findIndex(({ name }) => name === kind)
  const next = kinds[(at + step + kinds.length) % kinds.length].name
  work.chooseKind(next)
  event.currentTarget.querySelector(`[data-kind="${next}"]`).focus()
}

function FilePlace({ state, work }) {
  const { file, upload, busy, sent, mostBytes, options } = state
  const input = useRef()
  const [over, setOver] = useState(false)
  const take = (files) => files[0] && work.chooseFile(files[0])
  const drop = (event) => {
    event.preventDefault()
    setOver(false)
    if (busy !== 'importing') take(event.dataTransfer.files)
  }
  const drag = (event) => {
    event.preventDefault()
    setOver(true)
  }
  const layer = upload?.layers.find(({ name }) => name === options.layer) ?? upload?.layers[0]
  return html`<div class="file-place ${over ? 'is-over' : ''} ${file ? 'has-file' : ''}" onDragOver=${drag} onDragLeave=${() => setOver(false)} onDrop=${drop}>
    <input class="sr-only" type="file" ref=${input} accept=${ACCEPTED} tabindex="-1" aria-label=${t('The file')} onChange=${(event) => {
      take(event.target.files)
      event.target.value = ''
    }} />
    ${file
      ? html`<div class="file-row">
          <${FileMark} size=${24} />
          <div><b title=${file.name}>${file.name}</b><span>${[sizeText(file.size), layer?.format, layer?.count != null && t('%(n)s rows', { n: figure(layer.count) })].filter(Boolean).join(' · ')}</span></div>
          <button class="tool" aria-label=${t('Remove the file')} title=${t('Remove the file')} disabled=${busy === 'importing'} onClick=${() => work.chooseFile(null)}><${Icon} name="close" /></button>
        </div>
        ${busy === 'uploading' && html`<div class="progress" role="progressbar" aria-valuenow=${Math.round(sent * 100)} aria-valuemin="0" aria-valuemax="100" aria-label=${t('Sending the file')}><i style=${{ width: percent(sent).replace(' ', '') }}></i></div>
        <p class="explained" role="status">${sent < 1 ? t('Sending: %(share)s', { share: percent(sent) }) : t('Looking what is in it…')}</p>`}`
      : html`<${InMark} size=${28} />
        <p>${t('Drop a file here')}</p>
        <button class="button" onClick=${() => input.current.click()}>${t('Choose a file')}</button>
        <p class="explained">${t('GeoJSON, GeoPackage, zipped Shapefile, FlatGeobuf, KML, CSV, Excel, Parquet; up to %(most)s MB', { most: Math.floor(mostBytes / 2 ** 20) })}</p>`}
  </div>`
}

export function Failure({ error, place }) {
  if (error?.place !== place) return null
  return html`<p class="failure" role="alert"><${Sentence} text=${error.sentence} /></p>`
}

/** Nobody may import before there is a district, and some never. */
function Nobody({ me }) {
  const sentence = me.district
    ? t('Your roles do not include importing. A planner imports maps, an administrator devices.')
    : t('There is no district yet. Whoever runs the machine begins with `gridmap import areas FILE`; then planners go on here.')
  return html`<p class="explained nobody"><${Sentence} text=${sentence} /></p>`
}

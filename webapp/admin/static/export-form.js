/** The left side of an export: what, as of when, in which form. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { OutMark } from './marks.js'
import { Failure } from './import-form.js'
import { kindWord } from './words.js'

const FORMAT_NAMES = {
  geojson: 'GeoJSON',
  gpkg: 'GeoPackage',
  'shp.zip': 'Shapefile (zip)',
  fgb: 'FlatGeobuf',
  kml: 'KML',
  csv: 'CSV',
  xlsx: 'Excel',
  parquet: 'GeoParquet',
}
/** These formats are in longitude and latitude by their own rules. */
const ALWAYS_DEGREES = ['geojson', 'kml']

export function ExportForm({ state, work }) {
  const { exports, busy, error, notes } = state
  const [kind, setKind] = useState(exports.items[0]?.name)
  const [format, setFormat] = useState('geojson')
  const [day, setDay] = useState('')
  const [crs, setCrs] = useState('')
  const about = exports.items.find(({ name }) => name === kind)
  if (!about) return html`<p class="explained nobody">${t('Your roles do not include taking files away.')}</p>`
  const submit = (event) => {
    event.preventDefault()
    work.export(kind, { format, as_of: about.timed ? day : '', crs: ALWAYS_DEGREES.includes(format) ? '' : crs.trim() })
  }
  return html`<form class="form" onSubmit=${submit}>
    <section>
      <h2>${t('What')}</h2>
      <div class="chips" role="group" aria-label=${t('What')}>
        ${exports.items.map(({ name }) => html`<button type="button" key=${name} class="chip" aria-pressed=${name === kind ? 'true' : 'false'} onClick=${() => setKind(name)}>${kindWord(name)}</button>`)}
      </div>
      <p class="explained">${t('What you may see and no more; words about people are left out where you see them masked.')}</p>
    </section>
    <section class="options">
      <h2>${t('How')}</h2>
      <label>${t('Format')}
        <select onChange=${(event) => setFormat(event.target.value)}>
          ${exports.formats.map((one) => html`<option key=${one} value=${one} selected=${one === format}>${FORMAT_NAMES[one] ?? one}</option>`)}
        </select>
      </label>
      <label>${t('As of the day')}<input type="date" value=${day} disabled=${!about.timed} onInput=${(event) => setDay(event.target.value)} /></label>
      <p class="explained">${about.timed ? t('Left empty: as it is now.') : t('These are kept as they are now.')}</p>
      <label>${t('Coordinate system')}<input value=${ALWAYS_DEGREES.includes(format) ? '' : crs} disabled=${ALWAYS_DEGREES.includes(format)} spellcheck="false" placeholder="EPSG:4326" onInput=${(event) => setCrs(event.target.value)} /></label>
      <p class="explained">${ALWAYS_DEGREES.includes(format) ? t('This format is in WGS 84 always.') : t('Left empty: WGS 84. For drawing programs name a plane, such as EPSG:4547.')}</p>
    </section>
    <div class="form-foot">
      <${Failure} error=${error} place="export" />
      <button class="button primary" disabled=${busy !== null}><${OutMark} size=${18} />${t('Download')}</button>
      ${busy === 'export' && html`<div class="waiting" role="status"><div class="progress progress-open"><i></i></div><p>${t('Writing the file…')}</p></div>`}
      ${(notes ?? []).map((note) => html`<p class="note" key=${note}>${note}</p>`)}
      <p class="explained">${t('Every export is noted in the log; ten an hour are allowed.')}</p>
    </div>
  </form>`
}

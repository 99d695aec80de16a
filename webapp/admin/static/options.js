/** What a file does not say by itself: layer, coordinates, columns, since when, why. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { DATUMS, datumWord } from './words.js'

const TABLES = ['CSV', 'XLSX', 'Parquet']
const DATED = ['grids', 'areas']

export function Options({ state, work }) {
  const { upload, options, busy, kind } = state
  const layer = upload.layers.find(({ name }) => name === options.layer) ?? upload.layers[0]
  const locked = busy === 'importing'
  const say = (name) => (event) => work.option({ [name]: event.target.value })
  return html`<section class="options">
    <h2>${t('Beside the file')}</h2>
    ${upload.layers.length > 1 &&
    html`<${Choice} label=${t('Layer')} value=${layer.name} locked=${locked} onChange=${(event) => work.option({ layer: event.target.value, mapping: {}, x: '', y: '' })} options=${upload.layers.map(({ name }) => [name, name])} />`}
    <div class="pair">
      <${Choice} label=${t('Datum')} value=${options.datum} locked=${locked} onChange=${say('datum')} options=${[['', t('as the file says')], ...DATUMS.map((datum) => [datum, datumWord(datum)])]} />
      <label>${t('Coordinate system')}
        <input value=${options.crs} disabled=${locked} spellcheck="false" maxlength="200" placeholder=${layer.crs ?? 'EPSG:4547'} onInput=${say('crs')} />
      </label>
    </div>
    <p class="explained">${layer.crs ? t('The file says %(crs)s. Say something else only if you know it is wrong.', { crs: layer.crs }) : t('The file says no coordinate system. Maps of web services are often in GCJ-02 or BD-09.')}</p>
    ${TABLES.includes(layer.format) &&
    html`<div class="pair">
      <${Choice} label=${t('Column of longitude or easting')} value=${options.x} locked=${locked} onChange=${say('x')} options=${columnsOf(layer, t('by its name'))} />
      <${Choice} label=${t('Column of latitude or northing')} value=${options.y} locked=${locked} onChange=${say('y')} options=${columnsOf(layer, t('by its name'))} />
    </div>`}
    <${Mapping} upload=${upload} layer=${layer} options=${options} locked=${locked} work=${work} />
    ${DATED.includes(kind) &&
    html`<label>${t('In force since')}<input type="date" value=${options.effective} disabled=${locked} onInput=${say('effective')} /></label>`}
    ${kind === 'grids' && html`<label>${t('Note for the record')}<input value=${options.note} disabled=${locked} maxlength="400" onInput=${say('note')} /></label>`}
  </section>`
}

const columnsOf = (layer, none) => [['', none], ...layer.columns.map((column) => [column, column])]

function Choice({ label, value, options, locked, onChange, needed = false, title }) {
  return html`<label class=${needed ? 'is-needed' : ''} title=${title}>${label}
    <select disabled=${locked} onChange=${onChange}>
      ${options.map(([code, word]) => html`<option key=${code} value=${code} selected=${code === value}>${word}</option>`)}
    </select>
  </label>`
}

/** Which column is meant by which field; open when one that is needed was not found. */
function Mapping({ upload, layer, options, locked, work }) {
  const columnOf = (field) => options.mapping[field] ?? layer.matched[field] ?? ''
  const lacking = upload.fields.filter(({ name, needed }) => needed && !columnOf(name))
  const found = upload.fields.filter(({ name }) => columnOf(name)).length
  const choose = (field) => (event) => work.option({ mapping: { ...options.mapping, [field]: event.target.value } })
  return html`<details open=${lacking.length > 0} class="mapping">
    <summary>${t('Fields and columns')}<span class=${lacking.length ? 'hint' : ''}>${lacking.length ? t('%(n)s needed without a column', { n: lacking.length }) : t('%(found)s of %(all)s found', { found, all: upload.fields.length })}</span></summary>
    <div class="fields">
      ${upload.fields.map(
        ({ name, title, meaning, needed }) =>
          html`<${Choice} key=${name} label=${needed ? `${title} *` : title} title=${meaning} needed=${needed && !columnOf(name)} value=${columnOf(name)} locked=${locked} onChange=${choose(name)} options=${columnsOf(layer, '–')} />`,
      )}
    </div>
  </details>`
}

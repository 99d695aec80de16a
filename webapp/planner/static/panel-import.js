/** A file of grids as a draft: which file, what must be said beside it, and what it changes grid by grid. */
import { DATUMS, datumWord, pageWords } from '../admin/words.js'
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { figure, nameOf } from '../shared/words.js'
import { onFormKey } from './panel-form.js'

const ACCEPTED = '.geojson,.json,.gpkg,.zip,.fgb,.kml,.csv,.xlsx,.parquet'
const NOTHING_SAID = { layer: '', datum: '', crs: '', code: '', snap_m: 0.5, repair: false }
/** Cleaning moves less than this without a word: it is the lattice. */
const STILL_M = 0.01

/** What the server takes of the options: an empty one leaves it to the file. */
export const wishOf = ({ code, ...options }) => ({
  ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== '')),
  ...(code ? { mapping: { code } } : {}),
})

export function FileWish({ state, actions }) {
  const [upload, setUpload] = useState(null)
  const [sent, setSent] = useState(null)
  const [options, setOptions] = useState(NOTHING_SAID)
  const say = (name) => (event) => setOptions({ ...options, [name]: event.currentTarget.value })
  const bring = async ({ currentTarget }) => {
    const [file] = currentTarget.files
    if (!file) return
    setUpload(null)
    setSent(0)
    const kept = await actions.bringFile(file, setSent)
    setSent(null)
    setUpload(kept ?? null)
    setOptions({ ...NOTHING_SAID, snap_m: options.snap_m })
  }
  const ask = (event) => {
    event.preventDefault()
    if (upload && !state.busy) actions.importFile({ upload: upload.id, ...wishOf(options) })
  }
  return html`<form class="plan-form" onSubmit=${ask} onKeyDown=${(event) => onFormKey(event, () => event.target.blur())}>
    <p class="explained">${t('Cleans a file of grids and fits it into the communities. What is more than noise is listed, never repaired unseen.')}</p>
    <label>${t('The file')}<input type="file" accept=${ACCEPTED} onChange=${bring} /></label>
    ${sent !== null && html`<progress max="1" value=${sent} aria-label=${t('Sending the file')}></progress>`}
    ${upload && html`<${Beside} upload=${upload} options=${options} say=${say} />`}
    <div class="file-options">
      <label>${t('Noise of the drawing, m')}<input type="number" required min="0.02" max="5" step="0.01" value=${options.snap_m} onInput=${(event) => setOptions({ ...options, snap_m: Number(event.currentTarget.value) })} /></label>
      <label class="file-repair"><input type="checkbox" checked=${options.repair} onChange=${(event) => setOptions({ ...options, repair: event.currentTarget.checked })} />${t('Repair rings that cross themselves')}</label>
    </div>
    <button class="button primary" disabled=${!upload || state.busy}>${t('Fit it in')}</button>
  </form>`
}

/** What the file may not say by itself. */
function Beside({ upload, options, say }) {
  const layer = upload.layers.find(({ name }) => name === options.layer) ?? upload.layers[0]
  return html`<div class="file-options">
    ${upload.layers.length > 1 && html`<${Choice} label=${t('Layer')} value=${layer.name} onChange=${say('layer')} choices=${upload.layers.map(({ name }) => [name, name])} />`}
    <${Choice} label=${t('Datum')} value=${options.datum} onChange=${say('datum')} choices=${[['', t('as the file says')], ...DATUMS.map((datum) => [datum, datumWord(datum)])]} />
    <label>${t('Coordinate system')}<input value=${options.crs} spellcheck="false" maxlength="200" placeholder=${layer.crs ?? 'EPSG:4547'} onInput=${say('crs')} /></label>
    <${Choice} label=${t('Column of the code')} value=${options.code || (layer.matched.code ?? '')} onChange=${say('code')} choices=${[['', t('none: by ground')], ...layer.columns.map((column) => [column, column])]} />
  </div>`
}

const Choice = ({ label, value, choices, onChange }) => html`<label>${label}
  <select onChange=${onChange}>${choices.map(([code, word]) => html`<option key=${code} value=${code} selected=${code === value}>${word}</option>`)}</select>
</label>`

/** Sentences about a file name options of the command line; here they are the fields above. */
export const Sentences = ({ notes }) => html`<ul class="file-notes">${notes.map((note) => html`<li key=${note}>${pageWords(note)}</li>`)}</ul>`

/** What a file changes: places to look at first, then a line for each grid. */
export function Differences({ differences, actions }) {
  const { rows, holes, spill, overlaps, ended, counts } = differences
  const moved = rows.filter((row) => row.status !== 'same' || row.drawn.moved_m > STILL_M)
  const show = ({ bbox }) => actions.show({ bbox })
  return html`
    <p class="explained">${t('%(same)s unchanged · %(changed)s changed · %(new)s new · %(ended)s end', mapFigures(counts))}</p>
    <${Places} word=${t('Holes')} places=${holes} show=${show} text=${({ grids }) => grids.map(nameOf).join(' · ')} />
    <${Places} word=${t('Overlaps')} places=${overlaps} show=${show} text=${rowsText} />
    <${Places} word=${t('Over the community')} places=${spill} show=${show} text=${rowsText} />
    <${Places} word=${t('Grids that end')} places=${ended} show=${show} text=${nameOf} />
    ${moved.length > 0 &&
    html`<div class="file-table"><table class="impact-table">
      <thead><tr><th scope="col">${t('Grid')}</th><th scope="col">${t('m² after')}</th><th scope="col">${t('Gained')}</th><th scope="col">${t('Lost')}</th><th scope="col">${t('Noise, m')}</th></tr></thead>
      <tbody>${moved.map((row) => html`<${Line} key=${row.row} row=${row} show=${show} />`)}</tbody>
    </table></div>`}`
}

const mapFigures = (counts) => Object.fromEntries(Object.entries(counts).map(([name, n]) => [name, figure(n)]))
const rowsText = ({ rows }) => t('Row %(n)s', { n: rows.join(' · ') })
const metres = (value) => (value === null ? '—' : figure(Math.round(value)))

function Places({ word, places, show, text }) {
  if (!places.length) return null
  return html`<div class="file-places"><h4>${word}</h4>
    ${places.map((place, n) => html`<button key=${n} type="button" class="link" onClick=${() => show(place)}>${text(place)} · ${metres(place.area_m2)} m²</button>`)}
  </div>`
}

function Line({ row, show }) {
  const { name, status, after_m2, gained_m2, lost_m2, fingers, pieces, repaired, drawn } = row
  const words = { new: t('new'), lost: t('nothing is left'), same: t('unchanged'), changed: '' }
  const marks = [
    words[status],
    fingers > 0 && t('%(n)s fingers', { n: figure(fingers) }),
    pieces > 1 && t('%(n)s pieces', { n: figure(pieces) }),
    repaired && t('repaired'),
  ].filter(Boolean)
  return html`<tr>
    <th scope="row"><button type="button" class="link" onClick=${() => show(row)}>${name ? nameOf(row) : t('Row %(n)s', { n: row.row })}</button>${marks.length > 0 && html`<small>${marks.join(' · ')}</small>`}</th>
    <td>${metres(after_m2)}</td>
    <td>${metres(gained_m2)}</td>
    <td>${metres(lost_m2)}</td>
    <td>${drawn.moved_m === null ? '—' : drawn.moved_m.toFixed(2)}</td>
  </tr>`
}

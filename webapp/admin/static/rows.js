/** The first rows as they will be written. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { cellText, changeWord, figure } from './words.js'

export function Rows({ result, chosen, zone, work }) {
  const body = useRef()
  useEffect(() => {
    body.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  if (!result?.preview.length) return null
  const fields = result.fields.filter(({ name }) => result.preview.some((row) => row[name] !== null && row[name] !== undefined && row[name] !== ''))
  const pick = (row) => work.choose({ row, fly: true })
  return html`<section class="rows-panel" aria-label=${t('The first rows as they will be written')}>
    <div class="section-head"><h3>${t('As they will be written')}</h3><span>${t('%(shown)s of %(all)s rows', { shown: result.preview.length, all: figure(result.rows) })}</span></div>
    <div class="rows-scroll" tabindex="0" role="region" aria-label=${t('As they will be written')}>
      <table>
        <thead><tr><th class="number">${t('row')}</th><th>${t('change')}</th>${fields.map(({ name, title }) => html`<th key=${name}>${title}</th>`)}</tr></thead>
        <tbody ref=${body}>
          ${result.preview.map(
            (row) => html`<tr key=${row.row} aria-selected=${row.row === chosen.row ? 'true' : 'false'} onClick=${() => pick(row.row)}>
              <td class="number"><button onClick=${() => pick(row.row)}>${row.row}</button></td>
              <td><span class="change change-${row.change}">${changeWord(row.change)}</span></td>
              ${fields.map(({ name }) => html`<td key=${name} title=${cellText(row[name], zone)}>${cellText(row[name], zone)}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

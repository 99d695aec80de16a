/** Codes for doors: a sheet for a community or a township, made and printed at once, and the codes that work. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { moment } from '../shared/time.js'
import { nameOf, siteWord } from '../shared/words.js'
import { Rows } from '../admin/list-panel.js'

const KINDS = ['building', 'school', 'hospital', 'market', 'park', 'station', 'enterprise']

export function Codes({ zone }) {
  const [found, take] = useState({ items: null, areas: [], more: null, problem: null })
  const [wish, want] = useState({ area: '', kind: 'building', replace: false })
  const [sentence, say] = useState(null)
  const load = async (kind = wish.kind) => {
    try {
      const { items, areas } = await api.get('/qr', { kind })
      take({ items, areas, more: null, problem: null })
      if (!areas.some(({ code }) => code === wish.area)) want({ ...wish, kind, area: areas[0]?.code ?? '' })
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      take({ items: [], areas: [], more: null, problem })
    }
  }
  useEffect(() => {
    load()
  }, [wish.kind])
  const print = async () => {
    try {
      const made = await api.make('/qr-sheets', { id: crypto.randomUUID(), ...wish })
      say(t('%(n)s codes were made. The sheet was saved by this browser and is kept nowhere else.', { n: made }))
      await load()
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      say(problem.message)
    }
  }
  return html`
    <div class="sheet-form">
      <label>${t('Kind of place')}<select value=${wish.kind} onChange=${({ target }) => want({ ...wish, kind: target.value })}>${KINDS.map((kind) => html`<option key=${kind} value=${kind}>${siteWord(kind)}</option>`)}</select></label>
      <label>${t('Area')}<select value=${wish.area} onChange=${({ target }) => want({ ...wish, area: target.value })}>
        ${found.areas.map((area) => html`<option key=${area.code} value=${area.code}>${t('%(name)s: %(bare)s of %(doors)s without a code', { name: nameOf(area), bare: area.bare, doors: area.doors })}</option>`)}</select></label>
      <label class="inline"><input type="checkbox" checked=${wish.replace} onChange=${({ target }) => want({ ...wish, replace: target.checked })} />${t('Replace the codes that hang there')}</label>
      <button class="button primary" disabled=${!wish.area} onClick=${print}>${t('Make and print')}</button>
    </div>
    <p class="explained">${t('Up to 240 doors a sheet; a larger area takes several. A code cannot be shown again: lost sheets are replaced.')}</p>
    ${sentence && html`<p class="explained" role="status">${sentence}</p>`}
    <${Rows} title=${t('Codes for doors')} columns=${columnsOf(zone, load)} list=${found} keyOf=${({ id }) => String(id)} chosen=${null} onChoose=${() => {}} empty=${t('No door has a code yet.')} />`
}

const columnsOf = (zone, load) => [
  { name: 'name', word: t('Door'), cell: (one) => html`<b>${nameOf(one)}</b>` },
  { name: 'kind', word: t('Kind'), cell: ({ kind }) => siteWord(kind) },
  { name: 'made', word: t('Made'), cell: ({ made_at: at }) => moment(new Date(at), new Date(), zone) },
  { name: 'used', word: t('Reports'), cell: ({ reports }) => reports },
  { name: 'end', word: t('End'), cell: ({ id }) => html`<button class="button" onClick=${() => api.post(`/qr/${id}/end`, {}).then(() => load())}>${t('End')}</button>` },
]

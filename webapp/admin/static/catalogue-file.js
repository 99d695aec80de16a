/** A file of rules: chosen, checked, and written after it was seen what it does. */
import { html, useRef, useState } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { figure } from '../shared/words.js'
import { Consequences } from './consequences.js'
import { DeedFoot, useCreation, useDeed } from './deed.js'
import { FileMark, TickMark } from './marks.js'

const PATIENCE_MS = 180_000

export function RuleFile({ table, book, onLeave, onWritten }) {
  const [file, choose] = useState(null)
  const [said, say] = useState({ effective: book.today, whole: false })
  const [told, tell] = useState(null)
  const [done, finish] = useState(null)
  const input = useRef()
  const deed = useDeed()
  const create = useCreation()
  const change = (values) => {
    say({ ...said, ...values })
    tell(null)
  }
  const query = { ...(table.ends && { effective: said.effective }), ...(said.whole && { whole: 1 }) }
  const check = (event) => {
    event.preventDefault()
    deed.run(async () => tell(await api.upload(`/catalogue/${table.name}/preview`, { name: file.name, ...query }, file)))
  }
  const write = () => deed.run(async () => {
    const body = { upload: told.upload, counts: told.counts, whole: said.whole, ...(table.ends && { effective: said.effective }) }
    const outcome = await create((id) => api.post(`/catalogue/${table.name}/import`, { id, ...body }, { patienceMs: PATIENCE_MS }))
    finish(outcome.counts)
    tell(null)
    onWritten()
  })
  const pick = (event) => {
    choose(event.target.files[0] ?? null)
    tell(null)
    finish(null)
    deed.forget()
  }
  const head = html`<header class="card-head"><div><h2>${t('Bring a file')}</h2><p class="meta">${table.title}</p></div><button type="button" class="tool" aria-label=${t('Close the card')} onClick=${onLeave}><${Icon} name="close" /></button></header>`
  if (done) return html`${head}<section class="card-part" role="status"><p class="done"><${TickMark} /><b>${t('The file is imported')}</b></p><p>${t('%(added)s added, %(changed)s changed, %(ended)s ended.', { added: figure(done.added), changed: figure(done.changed), ended: figure(done.ended) })}</p><div class="buttons"><button class="button" onClick=${() => { finish(null); choose(null) }}>${t('Bring another file')}</button></div></section>`
  return html`<form class="card-form" onSubmit=${check}>
    ${head}
    <div class="file-choice"><${FileMark} /><span>${file ? file.name : t('CSV or Excel, with the columns of the table as it is taken away.')}</span>
      <button type="button" class="button" onClick=${() => input.current.click()}>${file ? t('Another file') : t('Choose a file')}</button>
      <input ref=${input} type="file" accept=".csv,.xlsx" aria-label=${t('Choose a file')} onChange=${pick} /></div>
    ${table.ends && html`<label>${t('Takes effect on')}<input type="date" value=${said.effective} min=${book.today} required onInput=${(event) => change({ effective: event.target.value })} /><span class="explained">${t('For rows that do not say since when they hold.')}</span></label>`}
    ${table.ends && html`<label class="check"><input type="checkbox" checked=${said.whole} onChange=${(event) => change({ whole: event.target.checked })} /><span>${t('The file is the whole table: what it leaves out ends on that day.')}</span></label>`}
    ${told === null && html`<div class="buttons"><button class="button primary" disabled=${deed.busy || !file}>${deed.busy ? t('Reading and checking the file…') : t('See what would change')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div><${DeedFoot} deed=${deed} />`}
    ${told && html`<${Consequences} told=${told} table=${table} deed=${deed} verb=${t('Import the file')} onYes=${write} onLeave=${() => tell(null)} />`}
  </form>`
}

/** What who has it in hand asks of the desk: how much, why, in their words. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Section } from './section.js'
import { moment } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { askWord, nameOf } from '../shared/words.js'

export function Asked({ item }) {
  const { zone } = usePage()
  const now = useChosen((state) => Math.floor(state.now / 60_000) * 60_000)
  if (!item.asked?.length) return null
  return html`<${Section} title=${t('Asked of the desk')}>
    ${item.asked.map((asked) => {
      const row = item.log.find(({ seq }) => seq === asked.seq)
      const said = [askWord(asked.ask), amountText(asked.with), untilText(asked.with, now, zone), reasonName(item, asked, row)]
      return html`<div key=${asked.ask} class="asked">
        <p class="fact">${said.filter(Boolean).join(' · ')}</p>
        ${row?.note && html`<p class="source-text">${row.note}</p>`}
      </div>`
    })}
  <//>`
}

const AMOUNTS = { h: (n) => t('%(n)s h', { n }), wh: (n) => t('%(n)s work-hours', { n }), wd: (n) => t('%(n)s work-days', { n }) }
const amountText = ({ amount, unit }) => (amount ? AMOUNTS[unit](amount) : null)
const untilText = ({ until }, now, zone) => (until ? t('until %(time)s', { time: moment(Date.parse(until), now, zone) }) : null)

/** The lists of reasons come with the steps: who may answer reads the name, others the code that stands in the log. */
function reasonName({ steps }, { answers }, row) {
  const reason = steps.find(({ step }) => step === answers[0])?.reasons.find(({ code }) => code === row?.reason)
  return reason ? nameOf(reason) : row?.reason
}

/** What is marked, and one step for all of it: each incident answers for itself. */
import { html, useEffect, useLayoutEffect, useMemo, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon, Severity } from '../shared/icons.js'
import { StateChip } from './incident-row.js'
import { stepsInCommon } from './marking.js'
import * as requests from './requests.js'
import { MARKED } from './state.js'
import { isBare } from './step-fields.js'
import { capOf } from './step-keys.js'
import { StepForm } from './steps.js'
import { useChosen, usePage } from './use-store.js'
import { classText, figure, whereText } from '../shared/words.js'

export function Bulk() {
  const { actions } = usePage()
  const marked = useChosen((state) => state.marked)
  const answers = useChosen((state) => state.answers)
  const listed = useChosen((state) => state.rows)
  const rows = useMemo(() => listed.filter((row) => marked.includes(row.id)), [listed, marked])
  if (!marked.length && !answers.length) return null
  return html`<aside class="card bulk" aria-label=${t('Marked')}>
    <button class="tool card-close" aria-label=${t('Take all marks away')} title=${t('Take all marks away')} onClick=${actions.unmark}><${Icon} name="close" /></button>
    <div class="card-scroll">
      <header class="card-head"><div class="card-title"><h2>${t('%(n)s marked', { n: figure(rows.length) })}</h2></div></header>
      ${answers.length > 0 && html`<${Answers} answers=${answers} />`}
      ${rows.length > 0 && html`<${Steps} rows=${rows} />`}
      ${rows.length > 0 && html`<section aria-label=${t('Open incidents')}><ul class="marked-rows">${rows.map((row) => html`<${Row} key=${row.id} row=${row} />`)}</ul></section>`}
    </div>
  </aside>`
}

function Steps({ rows }) {
  const { actions } = usePage()
  const [examples, setExamples] = useState({})
  const [asking, setAsking] = useState(null)
  const [sending, setSending] = useState(false)
  const [failure, setFailure] = useState('')
  const asked = useChosen((state) => state.stepAsked)
  const states = [...new Set(rows.map(({ state }) => state))].sort().join()
  // One of each state tells what leads on from there.
  useEffect(() => {
    let wanted = true
    const unknown = states.split(',').filter((state) => !examples[state])
    Promise.all(unknown.map((state) => requests.detailOf({ kind: 'incident', id: rows.find((row) => row.state === state).id }))).then(
      (found) => wanted && setExamples((known) => ({ ...known, ...Object.fromEntries(unknown.map((state, i) => [state, found[i]])) })),
      (problem) => {
        if (problem.status === undefined) throw problem
        if (wanted) setFailure(problem.message)
      },
    )
    return () => (wanted = false)
  }, [states])
  const offered = useMemo(
    () => stepsInCommon(rows, Object.fromEntries(Object.entries(examples).map(([state, { steps }]) => [state, steps]))),
    [rows, examples],
  )
  const exampleOf = (entry) => examples[entry.rows[0].state]

  const send = async (entry, said) => {
    setSending(true)
    setFailure('')
    const outcome = await actions.takeStepOfMany(entry.rows, entry.step.step, said)
    setSending(false)
    if (!outcome.answers) return setFailure(outcome.sentence)
    setAsking(null)
  }
  const begin = (entry) => (isBare(entry.step) ? send(entry, {}) : setAsking(entry))
  useLayoutEffect(() => {
    if (asked?.id !== MARKED || asked.more) return
    const entry = offered.find(({ step }) => asked.steps.includes(step.step))
    if (entry) begin(entry)
    else setFailure(t('This step leads on from none of the marked.'))
  }, [asked])

  return html`<section class="steps" aria-label=${t('Next steps')}>
    ${asking
      ? html`<p class="why">${t('For %(n)s of %(all)s marked.', { n: figure(asking.rows.length), all: figure(rows.length) })}</p>
          <${StepForm} step=${asking.step} incident=${{ ...exampleOf(asking), route: null }} sending=${sending} onSend=${(said) => send(asking, said)} onBack=${() => setAsking(null)} />`
      : html`<div class="step-buttons pair">
          ${offered.map((entry) => html`<button key=${entry.step.step} class="button" disabled=${sending} onClick=${() => begin(entry)}>${entry.step.label}${entry.rows.length < rows.length ? ` ${figure(entry.rows.length)}` : ''}${capOf(entry.step.step) && html`<kbd>${capOf(entry.step.step)}</kbd>`}</button>`)}
        </div>`}
    <p class="step-failure" role="alert">${failure}</p>
    ${!asking && html`<p class="why">${t('Each is taken or refused by itself. A number says how many of them the step leads on from.')}</p>`}
  </section>`
}

/** Who got through, and why the others did not. */
function Answers({ answers }) {
  const refused = answers.filter(({ taken }) => !taken)
  return html`<section class="answers-of-many" role="status" aria-label=${t('What became of it')}>
    <p>${t('%(n)s taken, %(refused)s refused.', { n: figure(answers.length - refused.length), refused: figure(refused.length) })}</p>
    <ul>${refused.map(({ row, sentence }) => html`<li key=${row.id}><code>${row.number}</code> ${sentence}</li>`)}</ul>
  </section>`
}

function Row({ row }) {
  const { actions } = usePage()
  return html`<li>
    <${Severity} severity=${row.severity} size=${18} />
    <b title=${row.number}>${classText(row)}</b><${StateChip} state=${row.state} /><span>${whereText(row)}</span>
    <button class="tool" aria-label=${t('Take the mark of %(number)s away', { number: row.number })} onClick=${() => actions.toggleMark(row.id)}><${Icon} name="close" size=${16} /></button>
  </li>`
}

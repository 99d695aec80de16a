/** Who told of it without an account: masked, and whole for a written purpose as long as the matter is open. */
import { html, useState } from '../vendor/preact.js'
import { Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { revealReporter } from './requests.js'

const SHORTEST = 4

/**
 * @param {{ report: string, caller: { name: string|null, phone: string|null, address: string|null, sealed: boolean,
 *           reveals: boolean } }} props
 */
export function Caller({ report, caller }) {
  const [asking, ask] = useState(false)
  const [seen, show] = useState(null)
  const { name, phone, address } = seen ?? caller
  return html`<p class="caller">${[name, phone, address].filter(Boolean).join(' · ')}</p>
    ${caller.sealed && html`<p class="why">${t('Sealed: the matter is over.')}</p>`}
    ${caller.reveals && !seen && !asking && html`<button class="button small" onClick=${() => ask(true)}>${t('Show name and number')}</button>`}
    ${caller.reveals && !seen && asking && html`<${Purpose} report=${report} onSeen=${show} onLeave=${() => ask(false)} />`}`
}

function Purpose({ report, onSeen, onLeave }) {
  const [purpose, say] = useState('')
  const [state, take] = useState({ busy: false, failure: null })
  const submit = async (event) => {
    event.preventDefault()
    take({ busy: true, failure: null })
    try {
      onSeen(await revealReporter(report, purpose))
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      take({ busy: false, failure: problem.message })
    }
  }
  return html`<form class="step-form" onSubmit=${submit}>
    <label><span>${t('What for')}</span><input value=${purpose} maxlength="400" required autofocus onInput=${(event) => say(event.target.value)} /></label>
    <p class="why">${t('It is kept in the audit, with your name.')}</p>
    ${state.failure && html`<p class="step-failure" role="alert">${state.failure}</p>`}
    <div class="step-buttons pair"><button class="button primary small" disabled=${state.busy || purpose.trim().length < SHORTEST}>${t('Show')}</button><button type="button" class="button small" onClick=${onLeave}>${t('Leave it')}</button></div>
  </form>`
}

/** Doing something on the server: busy, refused with a sentence, or asked first who is there or to sign in again. */
import { html, useRef, useState } from '../vendor/preact.js'
import { Problem, submitForm } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { signedInAgain } from '../shared/sign-in-again.js'

const IDLE = { busy: false, problem: null, waiting: null }

/**
 * @returns {{ run: (deed: () => Promise<void>) => Promise<void>, busy: boolean, problem: Problem|null,
 *             waiting: (() => Promise<void>)|null, forget: () => void }}
 *   `waiting`: the deed that waits until its doer has shown the password again
 */
export function useDeed() {
  const [state, take] = useState(IDLE)
  const run = async (deed) => {
    take({ ...IDLE, busy: true })
    try {
      await deed()
      take(IDLE)
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      if (problem.slug === 'not-signed-in' && (await signedInAgain())) return run(deed)
      const needsProof = problem.slug === 'proof-needed'
      take({ busy: false, problem: needsProof ? null : problem, waiting: needsProof ? deed : null })
    }
    return undefined
  }
  return { ...state, run, forget: () => take(IDLE) }
}

/**
 * An id for what a form creates: the same one while nobody has answered, so that sending it again makes nothing twice.
 * @returns {(create: (id: string) => Promise<any>) => Promise<any>}
 */
export function useCreation() {
  const id = useRef(crypto.randomUUID())
  return async (create) => {
    try {
      const made = await create(id.current)
      id.current = crypto.randomUUID()
      return made
    } catch (problem) {
      // What is mended after a refusal is another thing.
      if (problem.status) id.current = crypto.randomUUID()
      throw problem
    }
  }
}

/** What stands under the buttons of a deed: its refusal, or the question who is there. */
export function DeedFoot({ deed }) {
  if (deed.waiting) return html`<${Proof} onProven=${() => deed.run(deed.waiting)} onLeave=${deed.forget} />`
  return deed.problem && html`<p class="failure" role="alert">${deed.problem.message}</p>`
}

/** Password and, where there is one, second factor again. */
function Proof({ onProven, onLeave }) {
  const form = useRef()
  const [state, take] = useState({ busy: false, sentence: '', asksCode: false })
  const submit = async (event) => {
    event.preventDefault()
    take({ ...state, busy: true, sentence: '' })
    try {
      await submitForm(form.current)
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      take({ busy: false, sentence: problem.message, asksCode: state.asksCode || problem.slug === 'code-needed' })
      return
    }
    onProven()
  }
  return html`<form class="sheet-form proof" action="/account/proof" ref=${form} onSubmit=${submit}>
    <h3>${t('Is it you?')}</h3>
    <p class="explained">${t('Enter your password again: this changes who may enter.')}</p>
    <input type="hidden" name="csrf" value=${document.querySelector('meta[name="csrf-token"]').content} />
    <label>${t('Password')}<input name="password" type="password" autocomplete="current-password" maxlength="128" required autofocus /></label>
    ${state.asksCode && html`<label>${t('Code of your authenticator')}<input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="7" required /></label>`}
    ${state.sentence && html`<p class="failure" role="alert">${state.sentence}</p>`}
    <div class="buttons"><button class="button primary" disabled=${state.busy}>${t('Go on')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
  </form>`
}

/** Signing in again on the page one is on: the session has ended, and what was typed here stays. */
import { html, render, useEffect, useRef, useState } from '../vendor/preact.js'
import { api, Problem, submitForm } from './api.js'
import { t } from './i18n.js'

/** One question at a time, however many calls were refused. @type {Promise<boolean>|null} */
let asking = null

/**
 * Ask whoever sits here to sign in again; nobody else can, for what stands on the page is theirs.
 * @param {string} login
 * @returns {Promise<boolean>}  whether they did; the page's forms hold the new session's token then
 */
export function signInAgain(login) {
  asking ??= ask(login).finally(() => { asking = null })
  return asking
}

/** The answer to the question that is being asked; no where none is. @returns {Promise<boolean>} */
export const signedInAgain = () => asking ?? Promise.resolve(false)

function ask(login) {
  const place = document.body.appendChild(document.createElement('div'))
  return new Promise((resolve) => {
    const onEnd = (done) => {
      render(null, place)
      place.remove()
      resolve(done)
    }
    render(html`<${Question} login=${login} onEnd=${onEnd} />`, place)
  })
}

function Question({ login, onEnd }) {
  const dialog = useRef()
  const form = useRef()
  const [state, take] = useState({ busy: false, sentence: '', asksCode: false })
  useEffect(() => dialog.current.showModal(), [])
  const submit = async (event) => {
    event.preventDefault()
    take({ ...state, busy: true, sentence: '' })
    try {
      await enter(form.current)
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      return take({ busy: false, sentence: problem.message, asksCode: state.asksCode || problem.slug === 'code-needed' })
    }
    return onEnd(true)
  }
  return html`<dialog class="again" aria-labelledby="again-title" ref=${dialog} onClose=${() => onEnd(false)}>
    <form action="/sign-in" ref=${form} onSubmit=${submit}>
      <h2 id="again-title">${t('Your session has ended')}</h2>
      <p>${t('Sign in again: what you typed on this page stays.')}</p>
      <label>${t('Account')}<input name="login" value=${login} autocomplete="username" readonly /></label>
      <label>${t('Password')}<input name="password" type="password" autocomplete="current-password" maxlength="128" required autofocus /></label>
      ${state.asksCode && html`<label>${t('Code of your authenticator')}<input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="7" required /></label>`}
      ${state.sentence && html`<p class="sentence" role="alert">${state.sentence}</p>`}
      <div class="again-buttons">
        <button class="primary" disabled=${state.busy}>${t('Sign in')}</button>
        <button type="button" onClick=${() => dialog.current.close()}>${t('Not now')}</button>
      </div>
    </form>
  </dialog>`
}

/** Open a session; whoever must first set up a second factor is led there. */
async function enter(form) {
  const headers = await submitForm(form)
  let me
  try {
    me = await api.get('/me', {}, { stay: true })
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status === 0) throw problem
    location.assign(headers.get('X-Next') ?? '/')
    throw problem
  }
  document.querySelector('meta[name="csrf-token"]').content = me.csrf
  for (const field of document.querySelectorAll('input[name="csrf"]')) field.value = me.csrf
}

/** What belongs to the browser of this desk: its theme, its language, and the way out. */
import { csrfToken } from '../shared/api.js'

const A_YEAR_S = 365 * 86_400

export const currentTheme = () => document.documentElement.dataset.theme

/** Show a theme now, and have the server write it into every page from now on. */
export function setTheme(theme) {
  document.documentElement.dataset.theme = theme
  document.cookie = `gridmap-theme=${theme}; path=/; max-age=${A_YEAR_S}; samesite=lax`
}

/** The light theme is made for phones; at a desk it keeps the desk's sizes. */
export function setSizes(phone) {
  if (phone) delete document.documentElement.dataset.sizes
  else document.documentElement.dataset.sizes = 'desk'
}

/** This page again in another language; what it shows stands in its address. */
export function setLanguage(language) {
  const url = new URL(location.href)
  url.searchParams.set('lang', language)
  location.assign(url)
}

/** Sign out by the form that the server knows, so that it works as on every other page. */
export function signOut() {
  const form = Object.assign(document.createElement('form'), { method: 'post', action: '/sign-out' })
  form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'csrf', value: csrfToken() }))
  document.body.append(form)
  form.submit()
}

/** Whoever is no longer signed in signs in and comes back to the same view. */
export function signInAgain() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`)
}

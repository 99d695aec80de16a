/** Whose phone this is, the language, installing the page, and the way out. */
import { html, useEffect, useRef } from '../vendor/preact.js'
import { locale, setLanguage, t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { nameOf } from '../shared/words.js'
import { usePage, useWorld } from './world.js'

const LANGUAGES = [
  { code: 'zh-CN', name: '中文' },
  { code: 'en', name: 'English' },
]

export function AccountSheet({ onClose }) {
  const { actions } = usePage()
  const account = useWorld((state) => state.account)
  const install = useWorld((state) => state.install)
  const waiting = useWorld((state) => state.counts.waiting + state.counts.sending)
  const root = useRef()
  useEffect(() => {
    root.current.querySelector('button').focus()
    const close = (event) => {
      if (event.type === 'keydown' ? event.key === 'Escape' : !event.target.closest('.account-sheet, .who')) onClose()
    }
    addEventListener('pointerdown', close)
    addEventListener('keydown', close)
    return () => {
      removeEventListener('pointerdown', close)
      removeEventListener('keydown', close)
    }
  }, [])
  return html`<div class="account-sheet" role="dialog" aria-label=${t('Account')} ref=${root}>
    <p><b>${account ? nameOf(account) : t('Nobody is signed in')}</b>${account && html`<span>${account.login}</span>`}</p>
    <div class="pair" role="group" aria-label=${t('Language')}>
      ${LANGUAGES.map(({ code, name }) => html`<button key=${code} lang=${code} aria-pressed=${locale() === code ? 'true' : 'false'} onClick=${() => setLanguage(code)}>${name}</button>`)}
    </div>
    ${install && html`<button onClick=${actions.install}><${Icon} name="phone" />${t('Put it on the home screen')}</button>`}
    ${account
      ? html`<button onClick=${actions.signOut}><${Icon} name="out" />${t('Sign out')}</button>
          ${waiting > 0 && html`<p class="why">${t('What waits stays on this phone and is sent when you sign in again.')}</p>`}`
      : html`<button onClick=${actions.signIn}><${Icon} name="person" />${t('Sign in')}</button>`}
  </div>`
}

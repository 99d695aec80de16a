/** A new person, or what is to be known of one. */
import { html, useState } from '../vendor/preact.js'
import { api } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { DeedFoot, useCreation, useDeed } from './deed.js'
import { languageWord } from './register-words.js'

const EMPTY = { login: '', name: '', name_en: '', phone: '', email: '', locale: 'zh-CN' }
const orNull = (text) => text.trim() || null

/** @param {{ onMade: (account: object) => void, onLeave: () => void }} props */
export function NewPersonForm({ onMade, onLeave }) {
  const [said, say] = useState(EMPTY)
  const deed = useDeed()
  const create = useCreation()
  const submit = (event) => {
    event.preventDefault()
    const account = { login: said.login.trim().toLowerCase(), ...particularsOf(said) }
    deed.run(async () => onMade(await create((id) => api.post('/accounts', { id, ...account }))))
  }
  return html`<form class="card-form" onSubmit=${submit}>
    <header class="card-head"><h2>${t('Add a person')}</h2><button type="button" class="tool" aria-label=${t('Close the card')} onClick=${onLeave}><${Icon} name="close" /></button></header>
    <label>${t('Login')}<input value=${said.login} onInput=${(event) => say({ ...said, login: event.target.value })} maxlength="64" autocapitalize="none" spellcheck=${false} autocomplete="off" required autofocus /><span class="explained">${t('Small letters, figures, dots, hyphens. It stays for good.')}</span></label>
    <${Particulars} said=${said} say=${say} />
    <div class="buttons"><button class="button primary" disabled=${deed.busy}>${t('Add')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <p class="explained">${t('The account can do nothing yet. Give it a role and a code next: the person chooses the password.')}</p>
    <${DeedFoot} deed=${deed} />
  </form>`
}

/** @param {{ account: object, onKept: (account: object) => void, onLeave: () => void }} props */
export function ParticularsForm({ account, onKept, onLeave }) {
  const english = account.name_en === account.name ? '' : account.name_en
  const [said, say] = useState({ ...EMPTY, ...account, name_en: english ?? '', phone: account.phone ?? '', email: account.email ?? '' })
  const deed = useDeed()
  const submit = (event) => {
    event.preventDefault()
    deed.run(async () => onKept(await api.put(`/accounts/${account.id}`, particularsOf(said))))
  }
  return html`<form class="sheet-form" onSubmit=${submit}>
    <${Particulars} said=${said} say=${say} />
    <div class="buttons"><button class="button primary" disabled=${deed.busy}>${t('Keep')}</button><button type="button" class="button" onClick=${onLeave}>${t('Leave it')}</button></div>
    <${DeedFoot} deed=${deed} />
  </form>`
}

function Particulars({ said, say }) {
  const field = (name) => ({ value: said[name], onInput: (event) => say({ ...said, [name]: event.target.value }) })
  return html`<div class="pair">
      <label>${t('Name')}<input ...${field('name')} maxlength="100" pattern=".*\\S.*" autocomplete="off" required /></label>
      <label>${t('Name in English')}<input ...${field('name_en')} maxlength="100" autocomplete="off" /></label>
    </div>
    <div class="pair">
      <label>${t('Telephone')}<input ...${field('phone')} type="tel" maxlength="25" autocomplete="off" /></label>
      <label>${t('Language')}<select value=${said.locale} onChange=${(event) => say({ ...said, locale: event.target.value })}>${['zh-CN', 'en'].map((tag) => html`<option key=${tag} value=${tag}>${languageWord(tag)}</option>`)}</select></label>
    </div>
    <label>${t('E-mail')}<input ...${field('email')} type="email" maxlength="254" autocomplete="off" /><span class="explained">${t('Notices go there too, where the installation has a mail server.')}</span></label>`
}

const particularsOf = ({ name, name_en: english, phone, email, locale }) => ({ name: name.trim(), name_en: orNull(english), phone: orNull(phone), email: orNull(email), locale })

/** One person: how they enter, which parts they have, how they are reached, and the end of the account. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { api, Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { nameOf, roleWord } from '../shared/words.js'
import { Confirm } from './confirm.js'
import { DeedFoot, useDeed } from './deed.js'
import { Once } from './once.js'
import { ParticularsForm } from './person-form.js'
import { PersonRoles } from './person-roles.js'
import { accountStateWord, dateText, languageWord, overText, shortMoment } from './register-words.js'

// Of the roles that only this person holds.
const NAMED = 3

/** @param {{ id: string, me: object, onChanged: () => void, onClose: () => void }} props */
export function PersonCard({ id, me, onChanged, onClose }) {
  const [account, take] = useState(null)
  const [failure, fail] = useState(null)
  const load = async () => {
    try {
      take(await api.get(`/accounts/${id}`))
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem
      fail(problem)
    }
  }
  useEffect(() => {
    load()
  }, [id])
  const changed = (now) => {
    if (now) take(now)
    else load()
    onChanged()
  }
  if (failure) return html`<p class="failure" role="alert">${failure.message}</p>`
  if (account === null) return html`<div class="bars" aria-hidden="true"><i></i><i></i><i></i></div>`
  const zone = me.district?.time_zone ?? 'UTC'
  const mine = account.id === me.person.id
  const ended = account.state === 'ended'
  return html`<header class="card-head">
      <div><h2>${nameOf(account)}</h2><p class="meta"><span class="code">${account.login}</span> · <span class="mark-${account.state}">${accountStateWord(account.state)}</span></p></div>
      <button class="tool" aria-label=${t('Close the card')} onClick=${onClose}><${Icon} name="close" /></button>
    </header>
    ${mine && html`<p class="note">${t('This is your own account. Your password and your second factor are on your account page; your roles and the end of the account are for another administrator.')}</p>`}
    ${ended && html`<p class="note">${t('The account ended on %(day)s. What the person did stays.', { day: dateText(account.ended_at, zone) })}</p>`}
    <${PersonRoles} account=${account} zone=${zone} locked=${mine || ended} onChanged=${() => changed()} />
    <${Entering} account=${account} zone=${zone} locked=${mine || ended} onChanged=${changed} />
    <${Reaching} account=${account} locked=${ended} onChanged=${changed} />
    ${!ended && !mine && html`<${Ending} account=${account} onChanged=${changed} />`}`
}

/** Password, second factor and sessions. */
function Entering({ account, zone, locked, onChanged }) {
  const [asks, ask] = useState(null)
  const [code, show] = useState(null)
  const deed = useDeed()
  const path = `/accounts/${account.id}`
  const hasRole = account.roles.some(({ state }) => state !== 'ended')
  const leave = () => {
    deed.forget()
    ask(null)
  }
  const act = (work) => deed.run(async () => {
    await work()
    ask(null)
  })
  const newCode = () => act(async () => {
    show(await api.post(`${path}/code`, {}))
    onChanged()
  })
  const endSessions = () => act(async () => {
    await api.post(`${path}/sessions/end`, {})
    onChanged()
  })
  const removeFactor = (reason) => act(async () => onChanged(await api.post(`${path}/factor/remove`, { reason })))
  return html`<section class="card-part">
    <h3>${t('Password and sessions')}</h3>
    <dl class="facts">
      <div><dt>${t('Password')}</dt><dd>${passwordText(account, zone)}</dd></div>
      <div><dt>${t('Second factor')}</dt><dd>${account.second_factor ? t('on') : t('off')}</dd></div>
      <div><dt>${t('Signed in')}</dt><dd>${account.sessions ? t('in %(n)s browsers', { n: account.sessions }) : t('nowhere')}</dd></div>
      <div><dt>${t('Last seen')}</dt><dd>${account.seen_at ? shortMoment(account.seen_at, zone) : t('never')}</dd></div>
    </dl>
    ${code && html`<${Once} title=${t('Code for %(name)s', { name: nameOf(account) })} secret=${code.code} sentence=${t('Good once, until %(time)s. The person opens %(address)s, enters login and code, and chooses a password.', { time: shortMoment(code.expires_at, zone), address: `${location.host}/account/code` })} onLeave=${() => show(null)} />`}
    ${!locked && asks === null && !code && !deed.waiting && html`<div class="buttons">
      <button class="button ${account.state === 'new' && hasRole ? 'primary' : ''}" disabled=${deed.busy} onClick=${() => (account.state === 'new' ? newCode() : ask('code'))}>${account.state === 'new' ? t('Make a code') : t('Reset password')}</button>
      <button class="button" disabled=${!account.sessions} onClick=${() => ask('sessions')}>${t('End sessions')}</button>
      <button class="button" disabled=${!account.second_factor} onClick=${() => ask('factor')}>${t('Remove second factor')}</button>
    </div>`}
    ${asks === 'code' && html`<${Confirm} deed=${deed} verb=${t('Reset password')} sentence=${t('The password ends now, and so do %(n)s sessions. %(name)s chooses a new one with a code that is shown here once.', { n: account.sessions, name: nameOf(account) })} onYes=${newCode} onLeave=${leave} />`}
    ${asks === 'sessions' && html`<${Confirm} deed=${deed} verb=${t('End sessions')} sentence=${t('%(n)s sessions end now. %(name)s signs in again.', { n: account.sessions, name: nameOf(account) })} onYes=${endSessions} onLeave=${leave} />`}
    ${asks === 'factor' && html`<${Confirm} deed=${deed} verb=${t('Remove second factor')} asksWhy=${t('Why, and how you know who asks')} sentence=${t('%(n)s sessions end now, and %(name)s sets up another factor when next signing in. The reason is kept in the log.', { n: account.sessions, name: nameOf(account) })} onYes=${removeFactor} onLeave=${leave} />`}
    ${asks === null && html`<${DeedFoot} deed=${deed} />`}
  </section>`
}

function passwordText({ state, code_until: until }, zone) {
  if (until) return t('a code is out, good until %(time)s', { time: shortMoment(until, zone) })
  return state === 'new' ? t('none yet') : t('chosen by the person')
}

function Reaching({ account, locked, onChanged }) {
  const [open, take] = useState(false)
  if (open) {
    const kept = (now) => {
      take(false)
      onChanged(now)
    }
    return html`<section class="card-part"><h3>${t('Particulars')}</h3><${ParticularsForm} account=${account} onKept=${kept} onLeave=${() => take(false)} /></section>`
  }
  return html`<section class="card-part">
    <div class="section-head"><h3>${t('Particulars')}</h3>${!locked && html`<button class="link" onClick=${() => take(true)}>${t('Change')}</button>`}</div>
    <dl class="facts">
      <div><dt>${t('Name')}</dt><dd>${account.name}</dd></div>
      <div><dt>${t('Name in English')}</dt><dd>${account.name_en === account.name ? '–' : account.name_en}</dd></div>
      <div><dt>${t('Telephone')}</dt><dd>${account.phone ?? '–'}</dd></div>
      ${account.email && html`<div><dt>${t('E-mail')}</dt><dd>${account.email}</dd></div>`}
      <div><dt>${t('Language')}</dt><dd>${languageWord(account.locale)}</dd></div>
    </dl>
  </section>`
}

function Ending({ account, onChanged }) {
  const [asks, ask] = useState(false)
  const deed = useDeed()
  const end = () => deed.run(async () => onChanged(await api.post(`/accounts/${account.id}/end`, {})))
  const roles = account.roles.filter(({ state }) => state === 'now').length
  const alone = account.roles.filter((role) => role.alone)
  const left = alone.slice(0, NAMED).map(({ role, over }) => `${roleWord(role)} ${overText(over)}`).join(', ') + (alone.length > NAMED ? ' …' : '')
  return html`<section class="card-part">
    ${asks
      ? html`<${Confirm} deed=${deed} verb=${t('End the account')} warning=${alone.length > 0 && t('For %(n)s of the roles there is nobody else: %(roles)s.', { n: alone.length, roles: left })} sentence=${t('%(name)s can sign in no more: %(roles)s roles and %(n)s sessions go with the account. What was done in it stays.', { name: nameOf(account), roles, n: account.sessions })} onYes=${end} onLeave=${() => { deed.forget(); ask(false) }} />`
      : html`<div class="buttons"><button class="button" onClick=${() => ask(true)}>${t('End the account')}</button></div>`}
  </section>`
}

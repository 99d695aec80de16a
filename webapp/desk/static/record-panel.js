/** The record of a department: complete only with handler, policy specialist and leader in charge named. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { nameOf } from '../shared/words.js'
import { Icon } from '../shared/icons.js'
import { Remote } from './remote.js'
import * as requests from './requests.js'
import { useRemote } from './use-remote.js'

const postWord = (post) => ({ handler: t('Handler'), policy: t('Policy specialist'), leader: t('Leader in charge') })[post]
const POSTS = ['handler', 'policy', 'leader']

export function RecordPanel() {
  const remote = useRemote(requests.ownDepartments)
  const empty = [t('You answer for no department.'), t('An administrator names you for one.')]
  return html`<${Remote} remote=${remote} label=${t('Our record')} empty=${empty}>
    ${(departments) => departments.map((department) => html`<${Record} key=${department.code} department=${department} />`)}
  <//>`
}

function Record({ department }) {
  const missing = department.missing.map(postWord).join(t(', '))
  return html`<section class="record" aria-label=${nameOf(department)}>
    <h3>${nameOf(department)}</h3>
    <dl>
      ${POSTS.map((post) => html`<div key=${post}><dt>${postWord(post)}</dt><dd class=${department[post] ? '' : 'unnamed'}>${department[post] ? nameOf(department[post]) : t('not named')}</dd></div>`)}
    </dl>
    ${department.complete
      ? html`<p class="complete"><${Icon} name="check" size=${16} />${t('The record is complete.')}</p>`
      : html`<p class="incomplete" role="status">${t('The record is not complete: %(missing)s not named. An administrator names them under People.', { missing })}</p>`}
  </section>`
}

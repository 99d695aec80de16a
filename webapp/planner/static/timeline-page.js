/** One grid through its versions, the newest first: its days, why it changed, what it got and gave, who stood for it. */
import { html, useEffect } from '../vendor/preact.js'
import { Topbar } from '../admin/topbar.js'
import { t } from '../shared/i18n.js'
import { date } from '../shared/time.js'
import { areaText, causeWord, figure, kindWord, nameOf, spacedCode } from '../shared/words.js'
import { spanOf, writeAddress } from './differences-days.js'
import { Publication } from './differences-form.js'
import { percent } from './differences-words.js'
import { VersionMap } from './timeline-map.js'

export function TimelinePage({ me, code, versions }) {
  const zone = me.district.time_zone
  const [newest] = versions
  const ended = newest.valid_to !== null
  useEffect(() => { document.documentElement.dataset.ready = '' }, [])
  const when = (at) => date(Date.parse(at), zone)
  return html`<div class="command timeline">
    <${Topbar} me=${me} here="timeline" />
    <main tabindex="0" aria-label=${t('Versions')}>
      <div class="timeline-inner">
        <header class="timeline-head">
          <div>
            <h1>${nameOf(newest)}</h1>
            <p class="quiet"><span class="code">${spacedCode(newest.code ?? code)}</span> · ${ended ? t('ended on %(day)s', { day: when(newest.valid_to) }) : t('in force since %(day)s', { day: when(newest.valid_from) })}</p>
          </div>
          <p>
            <a href="/planner/differences">${t('Compare two days')}</a>
            ${me.can.includes('map.see') && html`<a href=${mapAddress(newest)}>${t('See it on the map')}</a>`}
          </p>
        </header>
        <ol class="version-list">
          ${versions.map((version) => html`<${Version} key=${version.valid_from} version=${version} zone=${zone} me=${me} />`)}
        </ol>
      </div>
    </main>
  </div>`
}

/** The command map at a version: as of a minute within it, unless it is in force. */
function mapAddress({ code, valid_to: until }) {
  const last = until && new Date(Date.parse(until) - 60_000).toISOString().slice(0, 16)
  return `/?grid=${encodeURIComponent(code)}${last ? `&as_of=${last}Z` : ''}`
}

function Version({ version, zone, me }) {
  const { valid_from: from, valid_to: until, publication } = version
  const when = (at) => date(Date.parse(at), zone)
  const facts = [kindWord(version.kind), areaText(version.area_m2), t('%(n)s households', { n: figure(version.households) })]
  const first = publication?.n === 1 || !version.from.length
  return html`<li class=${until === null ? 'in-force' : ''}>
    <${VersionMap} version=${version} id=${String(Date.parse(from))} />
    <div class="version-facts">
      <h2>${causeWord(version.cause)} · ${nameOf(version)}</h2>
      <p class="days">${t('%(from)s to %(to)s', { from: when(from), to: until ? when(until) : t('today') })}</p>
      <p>${facts.join(' · ')}</p>
      <${Sources} version=${version} />
      ${publication && html`<div class="publications"><${Publication} edition=${publication} zone=${zone} /></div>`}
      <p class="links">
        ${!first && publication && html`<a href=${`/planner/differences${writeAddress(spanOf(publication), null)}`}>${t('All that edition %(n)s changed', { n: publication.n })}</a>`}
        ${me.can.includes('map.see') && html`<a href=${mapAddress(version)}>${t('See that day')}</a>`}
      </p>
    </div>
  </li>`
}

/** Where its ground came from, and where it went when it changed next; what it kept itself is no news. */
function Sources({ version }) {
  const others = version.from.filter(({ own }) => !own)
  const went = version.to.filter(({ code }) => code !== version.code)
  if (!others.length && !went.length) return null
  return html`<ul>
    ${others.map((source) => html`<li key=${source.code}><${Link} of=${source} sentence=${t('from %(code)s', { code: nameOf(source) })} /></li>`)}
    ${went.map((target) => html`<li key=${target.code}><${Link} of=${target} sentence=${t('later to %(name)s', { name: nameOf(target) })} /></li>`)}
  </ul>`
}

function Link({ of, sentence }) {
  const { area_share: area, household_share: households } = of
  const shares = [
    area === null ? null : t('%(share)s of its area', { share: percent(area) }),
    households === null ? null : t('%(share)s of its households', { share: percent(households) }),
  ]
  return html`<a href=${`/planner/grids/${encodeURIComponent(of.code)}`}>${sentence}</a> ${['', ...shares.filter(Boolean)].join(' · ')}`
}

/** The versions of a grid, newest first, each with what it came from and what became of it. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { ChangeMap } from './change-map.js'
import { minuteFrom } from './day-window.js'
import { Section } from './section.js'
import { date } from '../shared/time.js'
import { useChosen, usePage } from './use-store.js'
import { areaText, causeWord, figure, nameOf, spacedCode } from '../shared/words.js'

export function GridHistory({ code }) {
  const { actions } = usePage()
  const [history, setHistory] = useState({ items: null, failed: null })
  useEffect(() => {
    let wanted = true
    actions.gridHistory(code).then(
      (items) => wanted && setHistory({ items, failed: null }),
      (error) => wanted && setHistory({ items: null, failed: error.message }),
    )
    return () => {
      wanted = false
    }
  }, [code])
  const { items, failed } = history
  return html`<${Section} title=${t('Versions')} beside=${items?.length}>
    ${failed && html`<p class="why" role="alert">${failed}</p>`}
    <ol class="log versions">
      ${newestFirst(items ?? []).map((version) => html`<${Version} key=${version.edition} version=${version} />`)}
    </ol>
    <a class="link" href=${`/planner/grids/${encodeURIComponent(code)}`}>${t('Versions with their maps')}</a>
  <//>`
}

const newestFirst = (versions) => [...versions].sort((a, b) => Date.parse(b.valid_from) - Date.parse(a.valid_from))

function Version({ version }) {
  const { actions, zone } = usePage()
  const at = useChosen((state) => state.asOf ?? state.clock)
  const from = Date.parse(version.valid_from)
  const isShown = from <= at && (version.valid_to === null || at < Date.parse(version.valid_to))
  const until = version.valid_to ? date(Date.parse(version.valid_to), zone) : t('today')
  return html`<li class=${isShown ? 'shown' : ''} aria-current=${isShown ? 'true' : undefined}>
    <div>
      <p><b>${causeWord(version.cause)}</b> ${t('%(from)s to %(to)s', { from: date(Date.parse(version.valid_from), zone), to: until })}</p>
      <p class="why">
        ${[
          nameOf(version),
          areaText(version.area_m2),
          version.households === null ? null : t('%(n)s households', { n: figure(version.households) }),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      ${version.from.map((source) => html`<p class="why" key=${source.code}>${lineage(t('from %(code)s', { code: spacedCode(source.code) }), source)}</p>`)}
      ${version.to.map((target) => html`<p class="why" key=${target.code}>${lineage(t('became %(code)s', { code: spacedCode(target.code) }), target)}</p>`)}
      <${ChangeMap} after=${version.outline} before=${version.from.map((source) => source.outline).filter(Boolean)} />
      ${!isShown && html`<button class="link" onClick=${() => actions.lookAt(minuteFrom(from))}>${t('See that day')}</button>`}
    </div>
  </li>`
}

const percent = (share) => `${(share * 100).toFixed(0)}%`

function lineage(sentence, { area_share: area, household_share: households }) {
  return [
    sentence,
    area === null ? null : t('%(share)s of its area', { share: percent(area) }),
    households === null ? null : t('%(share)s of its households', { share: percent(households) }),
  ]
    .filter(Boolean)
    .join(' · ')
}

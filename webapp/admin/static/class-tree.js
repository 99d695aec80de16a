/** Classes of matters as a tree: major ones with the minor ones below them. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon, Severity } from '../shared/icons.js'
import { nameOf, severityWord } from '../shared/words.js'
import { ownName, rowKey, standingOf, standingWord } from './catalogue-words.js'

/**
 * @param {{ rows: object[], names: Record<string, object[]>, day: string, open: boolean, chosen?: string,
 *           onChoose: (key: string) => void }} props  `open`: everything is shown at once, since it was looked for
 */
export function ClassTree({ rows, names, day, open, chosen, onChoose }) {
  const [unfolded, fold] = useState(new Set())
  const there = new Set(rows.map(({ code }) => code))
  const tops = [...rows.filter(({ parent }) => !parent), ...strangers(rows, there, names)].sort((one, other) => (one.code < other.code ? -1 : 1))
  const toggle = (code) => {
    const next = new Set(unfolded)
    if (!next.delete(code)) next.add(code)
    fold(next)
  }
  return html`<div class="rows-scroll" tabindex="0" role="region" aria-label=${t('Classes of matter')}>
    <ul class="class-tree">
      ${tops.map((top) => {
        const below = rows.filter(({ parent }) => parent === top.code)
        const shows = open || unfolded.has(top.code)
        return html`<li key=${top.code}>
          <div class="tree-row top-row">
            ${below.length ? html`<button class="tool" aria-expanded=${shows ? 'true' : 'false'} aria-label=${t('Classes below %(name)s', { name: top.called ?? ownName(top) })} onClick=${() => toggle(top.code)}><${Icon} name=${shows ? 'chevron' : 'forward'} size=${16} /></button>` : html`<span class="tool"></span>`}
            <${One} row=${top} day=${day} chosen=${chosen} onChoose=${onChoose} />
            <span class="meta">${below.length > 0 && t('%(n)s classes', { n: below.length })}</span>
          </div>
          ${shows && html`<ul>${below.map((row) => html`<li key=${row.code} class="tree-row"><${One} row=${row} day=${day} chosen=${chosen} onChoose=${onChoose} /></li>`)}</ul>`}
        </li>`
      })}
    </ul>
  </div>`
}

/** Classes above those that were found, which were not found themselves. */
function strangers(rows, there, names) {
  const above = new Set(rows.map(({ parent }) => parent).filter((code) => code && !there.has(code)))
  return [...above].map((code) => {
    const found = names.category?.find((one) => one.code === code)
    return { code, parent: '', called: found ? nameOf(found) : code }
  })
}

function One({ row, day, chosen, onChoose }) {
  if (row.called) return html`<span class="tree-name quiet"><b>${row.called}</b><span class="code">${row.code}</span></span>`
  const standing = standingOf(row, day)
  return html`<button class="tree-name" aria-current=${rowKey(row) === chosen ? 'true' : undefined} onClick=${() => onChoose(rowKey(row))}>
      <b>${ownName(row)}</b><span class="code">${row.code}</span>
    </button>
    <span class="meta tree-severity"><${Severity} severity=${Number(row.severity)} size=${14} />${severityWord(Number(row.severity))}</span>
    <span class="meta tree-marks">${[row.offered === 'no' && t('not offered'), standing !== 'now' && standingWord(standing)].filter(Boolean).join(' · ')}</span>`
}

/** A small tag beside the pointer: which grid or device this is, before one clicks. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { deviceWord, figure, kindWord, nameOf, severityWord, stateWord } from '../shared/words.js'
import { useChosen } from './use-store.js'

/** @param {{ hover: { hit: object, x: number, y: number } | null }} properties */
export function HoverTag({ hover }) {
  const load = useChosen((state) => state.load)
  const selected = useChosen((state) => state.selection)
  // The selected thing carries its own tag.
  if (!hover || (selected && [hover.hit.id, hover.hit.properties.code].includes(selected.id))) return null
  const lines = linesOf(hover.hit, load)
  if (!lines) return null
  return html`<div class="hover-tag" style=${{ transform: `translate(${hover.x + 14}px, ${hover.y + 14}px)` }} aria-hidden="true">
    <b>${lines[0]}</b>${lines[1] && html`<span>${lines[1]}</span>`}
  </div>`
}



function linesOf({ kind, id, properties }, load) {
  if (kind === 'grid') {
    const [open, overdue] = load[id] ?? [properties.open ?? 0, properties.overdue ?? 0]
    const counts = open ? t('%(n)s open', { n: figure(open) }) : t('nothing open')
    return [nameOf(properties), [kindWord(properties.kind), counts, overdue ? t('%(n)s overdue', { n: overdue }) : null].filter(Boolean).join(' · ')]
  }
  if (kind === 'device') return [deviceWord(properties.kind), [properties.code, properties.silent ? t('silent') : null].filter(Boolean).join(' · ')]
  if (kind === 'incident') return [properties.number, `${severityWord(properties.severity)} · ${stateWord(properties.state)}`]
  if (kind === 'cluster') return [t('%(n)s incidents', { n: figure(properties.n) }), properties.overdue ? t('%(n)s overdue', { n: properties.overdue }) : null]
  if (kind === 'site') return [properties.name, null]
  return null
}

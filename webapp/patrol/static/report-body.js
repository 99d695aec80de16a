/** From what stands on the report page to what is sent. Pure, but for the clock, which is given. */

/**
 * @typedef {object} Draft
 * @property {string|null} category  code
 * @property {import('./photos.js').Photo[]} photos
 * @property {string} text
 * @property {{ lon: number, lat: number, errorM: number, method: 'pin'|'exif' }|null} chosen  where it is, if not where the phone is
 * @property {boolean} fixed  fixed on the spot
 * @property {import('./photos.js').Photo[]} after  how it looks now
 * @property {string} note  how it was fixed
 * @property {string|null} capturedAt  RFC 3339, when the first photo was taken
 * @property {{ report: string, step: string }|null} ids  of what it will become
 */

/** @returns {Draft} */
export const emptyDraft = () => ({ category: null, photos: [], text: '', chosen: null, fixed: false, after: [], note: '', capturedAt: null, ids: null })

/** Whether there is nothing in it that would be missed. @param {Draft} draft */
export const isEmpty = ({ category, photos, text, chosen, after, note }) =>
  !category && !photos.length && !text.trim() && !chosen && !after.length && !note.trim()

/** What still has to be done before it can be sent, in the order of the page. @param {Draft} draft */
export function missing({ category, photos, fixed, after, note }) {
  return [
    !category && 'category',
    fixed && !photos.length && 'before',
    fixed && !after.length && 'after',
    fixed && !note.trim() && 'note',
  ].filter(Boolean)
}

/** Which of the three marks one stands at: class, photo, send. @param {Draft} draft */
export const markOf = ({ category, photos }) => (!category ? 1 : !photos.length ? 2 : 3)

/**
 * The report, and the step that says it is fixed.
 * @param {Draft} draft
 * @param {{ fix: import('./fixes.js').Fix|null, at: string }} now  `at`: RFC 3339, the phone's clock
 * @returns {{ report: object, step: object|null }}  as POST /reports and POST /incidents/{id}/steps take them
 */
export function bodiesOf(draft, { fix, at }) {
  const report = {
    id: draft.ids.report,
    source: 'patrol',
    category: draft.category,
    text: draft.text.trim(),
    occurred_at: draft.capturedAt ?? at,
    ...placesOf(draft.chosen, fix),
  }
  const step = draft.fixed ? { id: draft.ids.step, step: 'fix', note: draft.note.trim(), at } : null
  return { report, step }
}

/** Where the thing is and, if that is another place, where its reporter stands: each with its own method and error. */
function placesOf(chosen, fix) {
  const here = fix && { lon: fix.lon, lat: fix.lat, accuracy_m: fix.errorM, method: 'gps' }
  if (!chosen) return { place: here }
  const there = { lon: chosen.lon, lat: chosen.lat, accuracy_m: chosen.errorM, method: chosen.method }
  return { place: there, ...(here && { reporter_place: here }) }
}

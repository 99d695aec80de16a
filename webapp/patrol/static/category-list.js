/** Which classes are offered, and in which order. Pure. */

const CHIPS = 6

/** Classes one can report by: the minor ones, and a major one that has none. */
export function reportable(categories) {
  const majors = new Set(categories.map(({ parent }) => parent).filter(Boolean))
  return categories.filter(({ code }) => !majors.has(code))
}

/**
 * What stands as chips: the chosen one if it came out of the list, the latest of this person, then the gravest of the rest.
 * @param {{ categories: object[], recent: string[] }|null} patrol
 * @param {{ code: string }|null} chosen
 * @returns {object[]}
 */
export function shortList(patrol, chosen) {
  if (patrol === null) return []
  const all = reportable(patrol.categories)
  const byCode = new Map(all.map((category) => [category.code, category]))
  const recent = patrol.recent.map((code) => byCode.get(code)).filter(Boolean)
  const rest = all.filter(({ code }) => !patrol.recent.includes(code)).sort((a, b) => a.severity - b.severity)
  const short = [...recent, ...rest].slice(0, CHIPS)
  if (!chosen || short.some(({ code }) => code === chosen.code)) return short
  return [chosen, ...short.slice(0, CHIPS - 1)]
}

/**
 * Classes by their major class, those whose name holds what was typed.
 * @param {object[]} categories
 * @param {string} query
 * @returns {{ major: object|null, minors: object[] }[]}
 */
export function foundCategories(categories, query) {
  const wish = query.trim().toLowerCase()
  const said = ({ code, name, name_en: english }) => `${code} ${name} ${english}`.toLowerCase()
  const byCode = new Map(categories.map((category) => [category.code, category]))
  const groups = new Map()
  for (const category of reportable(categories)) {
    const major = byCode.get(category.parent) ?? null
    if (!said(category).includes(wish) && !(major && said(major).includes(wish))) continue
    if (!groups.has(major)) groups.set(major, [])
    groups.get(major).push(category)
  }
  return [...groups].map(([major, minors]) => ({ major, minors }))
}

/** The words of this page for what the server says in codes. */
import { locale, t } from '../shared/i18n.js'

export const nameOf = (thing) => (locale() === 'en' && thing.name_en) || thing.name

const table = (words) => (code) => words()[code] ?? code

export const kindWord = table(() => ({
  areas: t('Areas'),
  grids: t('Grids'),
  sites: t('Sites'),
  streets: t('Streets'),
  buildings: t('Buildings'),
  devices: t('Devices'),
  incidents: t('Incidents'),
  hazards: t('Hazards'),
  reports: t('Reports'),
}))

/** What a file of a kind should hold. */
export const kindSentence = table(() => ({
  areas: t('The tree of district, townships and communities: outlines with code, name and the code above.'),
  grids: t('All grids of the district in one file: outlines without gap or overlap, with code, name and kind.'),
  sites: t('Places that duty attaches to: points or outlines with a kind and a name. Known codes are brought up to date.'),
  streets: t('Lines of streets, rivers and railways. They take the place of all that are there now.'),
  buildings: t('Outlines of buildings with households and storeys. Known codes are brought up to date.'),
  devices: t('Cameras and sensors: points with code, kind and, for a camera, where it looks.'),
  reports: t('What people told elsewhere, such as a hotline: text, time and place. Each becomes an incident.'),
}))

export const changeWord = table(() => ({ new: t('new'), changed: t('changed'), same: t('same'), ended: t('ended') }))

export const datumWord = table(() => ({
  wgs84: 'WGS 84',
  cgcs2000: 'CGCS2000',
  gcj02: 'GCJ-02',
  bd09: 'BD-09',
}))
export const DATUMS = ['wgs84', 'cgcs2000', 'gcj02', 'bd09']

/** The button says what it will do, in numbers. */
export function deedText({ kind, counts, edition, rows }) {
  const written = counts.new + counts.changed
  if (kind === 'grids') return t('Publish %(n)s grids as edition %(edition)s', { n: figure(rows), edition: edition + 1 })
  if (kind === 'reports') return t('Take %(n)s reports', { n: figure(written) })
  const values = { n: figure(written), what: kindWord(kind) }
  return counts.ended ? t('Import %(n)s and end %(ended)s: %(what)s', { ...values, ended: figure(counts.ended) }) : t('Import %(n)s: %(what)s', values)
}

const grouped = new Intl.NumberFormat('en-US')
/** 1,204 */
export const figure = (n) => grouped.format(n)

/** 1.4 MB */
export function sizeText(bytes) {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`
  return `${Math.max(1, Math.round(bytes / 1e3))} kB`
}

export const percent = (share) => `${Math.round(share * 100)} %`

/** 2026-11-21T08:30:00+00:00 as people of the district read it; anything else as it is. */
export function cellText(value, zone) {
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return Object.values(value).join(' · ')
  const text = String(value)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return text
  const at = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  return at.format(new Date(text))
}

/** Sentences name the options of the command line; on this page they are the fields at the left. */
export function pageWords(sentence) {
  const fields = { datum: t('Datum'), crs: t('Coordinate system'), layer: t('Layer'), x: t('Column of longitude or easting'), y: t('Column of latitude or northing') }
  const named = (word) => t('“%(field)s”', { field: word })
  return sentence
    .replace(/--map \w+=[^\s;；，,]+/g, () => named(t('Fields and columns')))
    .replace(/--datum (wgs84|cgcs2000|gcj02|bd09)\b/g, (_, datum) => named(`${fields.datum}: ${datumWord(datum)}`))
    .replace(/--(datum|crs|layer|x|y)\b/g, (_, name) => named(fields[name]))
}

/** The datum that a sentence proposes for a shifted layer. */
export const proposedDatum = (sentence) => /--datum (gcj02|bd09)\b/.exec(sentence)?.[1] ?? null

/** The words for what became of a grid. */
import { t } from '../shared/i18n.js'
import { areaText, figure, nameOf } from '../shared/words.js'

const table = (words) => (code) => words()[code] ?? code

export const fateWord = table(() => ({ came: t('Newly made'), ended: t('Ended'), changed: t('Changed') }))

export const changeWord = table(() => ({
  border: t('Border'),
  name: t('Name'),
  code: t('Code'),
  kind: t('Kind'),
  community: t('Community'),
  owner: t('Owner'),
  households: t('Households'),
}))

export const percent = (share) => (share > 0 && share < 0.01 ? '<1%' : `${Math.round(share * 100)}%`)

/** A small piece in square metres, for hectares with one digit would say nothing of it. */
export const groundText = (m2) => (m2 < 10_000 ? t('%(n)s m²', { n: figure(Math.round(m2)) }) : areaText(m2))

/** What one grid gave another, in one line. */
export function gaveText(share) {
  const values = { share: percent(share.area_share), grid: nameOf(share) }
  const sentences = {
    split: t('gave %(share)s to %(grid)s, split off', values),
    carve: t('gave %(share)s to %(grid)s, carved out', values),
    merge: t('gave %(share)s to %(grid)s when it ended', values),
  }
  return `${sentences[share.op] ?? t('gave %(share)s to %(grid)s', values)}${lived(share)}`
}

/** What one grid got from another, in one line. */
export const gotText = (share) =>
  `${t('got %(area)s from %(grid)s', { area: groundText(share.area_m2), grid: nameOf(share) })}${lived(share)}`

const lived = ({ households }) => (households ? ` · ${t('%(n)s households', { n: figure(households) })}` : '')

/** +12, −3, or a dash where nothing changed. */
export const signed = (n) => (n === 0 ? '–' : n > 0 ? `+${figure(n)}` : `−${figure(-n)}`)

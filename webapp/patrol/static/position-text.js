/** How a position is told: its accuracy, its age once that matters, or why there is none. */
import { t } from '../shared/i18n.js'
import { figure } from '../shared/words.js'
import { duration } from '../shared/time.js'

const TOLD_FROM_MS = 60_000

/**
 * @param {import('./position.js').Position} position
 * @param {number} now  ms, the phone's clock
 */
export function positionText({ status, fix }, now) {
  if (!fix) return WHY[status]?.() ?? t('Looking for the position…')
  const accuracy = t('within %(n)s m', { n: metres(fix.errorM) })
  const age = now - fix.at
  return age >= TOLD_FROM_MS ? t('%(accuracy)s, %(time)s ago', { accuracy, time: duration(age) }) : accuracy
}

const WHY = {
  refused: () => t('No position: not allowed'),
  none: () => t('No position found'),
  insecure: () => t('No position over http'),
}

/** Whole metres, never less than one. */
export const metres = (m) => figure(Math.max(1, Math.round(m)))

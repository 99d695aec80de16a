/** An incident as it stood at an instant, told from its log; what no log says is as we know it today. */
import { isEnded } from '../shared/words.js'

/**
 * @param {object} item  an incident with its log, as the server knows it now
 * @param {number|null} asOf  null is now
 * @returns {object} with `later`: how many steps were taken since
 */
export function asItWas(item, asOf) {
  if (asOf === null) return { ...item, later: 0 }
  const log = item.log.filter((row) => Date.parse(row.at) <= asOf)
  const last = log.reduce((newest, row) => (newest && newest.seq > row.seq ? newest : row), null)
  const filed = log.some((row) => row.step === 'file' || row.to === 'filed')
  return {
    ...item,
    log,
    state: last?.to ?? 'reported',
    due_at: filed ? item.due_at : null,
    closed_at: last && isEnded({ state: last.to }) ? item.closed_at : null,
    steps: [],
    later: item.log.length - log.length,
  }
}

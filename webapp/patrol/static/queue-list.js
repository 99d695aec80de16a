/** The queue in its groups. Pure. */
import { dayOf } from '../shared/time.js'

/**
 * Items by what becomes of them: what waits in the order in which it goes, what was received the latest first.
 * @param {object[]} items  as the queue lists them, the oldest first
 * @param {number} now  ms
 * @param {string} zone  of the district, whose days are meant
 */
export function byState(items, now, zone) {
  const of = (state) => items.filter((item) => item.state === state)
  const received = of('received').sort((a, b) => Date.parse(b.receivedAt) - Date.parse(a.receivedAt))
  const isToday = ({ receivedAt }) => dayOf(Date.parse(receivedAt), zone) === dayOf(now, zone)
  return {
    waiting: of('waiting'),
    sending: of('sending'),
    refused: of('refused'),
    received: received.filter(isToday),
    earlier: received.filter((item) => !isToday(item)),
  }
}

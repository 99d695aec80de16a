/** The words of the hotline: the clock of a first contact, outcomes, and who called. */
import { shortMoment } from '../admin/register-words.js'
import { t } from '../shared/i18n.js'
import { hours } from '../shared/time.js'

const MINUTE_MS = 60_000

/**
 * How the first contact of an order stands.
 * @returns {{ text: string, late: boolean }}
 */
export function clockOf({ first_contact_at: done, contact_due_at: due }, zone, now = Date.now()) {
  if (done) {
    const late = due !== null && Date.parse(done) > Date.parse(due)
    const at = shortMoment(done, zone)
    return { text: late ? t('late, %(time)s', { time: at }) : t('made %(time)s', { time: at }), late }
  }
  if (!due) return { text: t('no clock yet'), late: false }
  const left = Date.parse(due) - now
  if (left < 0) return { text: t('%(time)s over', { time: hours(-left) }), late: true }
  return { text: t('%(n)s min left', { n: Math.ceil(left / MINUTE_MS) }), late: false }
}

const table = (words) => (code) => words()[code] ?? code

export const satisfiedWord = table(() => ({ yes: t('Satisfied'), partly: t('Partly satisfied'), no: t('Not satisfied') }))

export const outcomeWord = table(() => ({
  reached: t('Reached'),
  'not-reached': t('Not reached'),
  refused: t('Does not want to speak'),
  reopened: t('Fell away: opened again'),
}))

/** Whose order it is: a platform by its own name, or taken by telephone at a desk. */
export const channelText = (channel) => (channel === 'phone' ? t('Telephone') : channel)

/** Who called, masked; a dash where nobody said. */
export const callerText = ({ name, phone, address }) => [name, phone, address].filter(Boolean).join(' · ') || t('anonymous')

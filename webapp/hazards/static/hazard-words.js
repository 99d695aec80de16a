/** Words of the ledger. */
import { t } from '../shared/i18n.js'
import { nameOf } from '../shared/words.js'

export const hazardStates = () => [
  ['open', t('Open')],
  ['rectifying', t('Being rectified')],
  ['closed', t('Closed')],
  ['all', t('All')],
]

const STATE_WORDS = { open: () => t('open'), rectifying: () => t('being rectified'), closed: () => t('closed') }
export const hazardState = (state) => STATE_WORDS[state]()

export const deliveries = () => [
  ['hand', t('Handed over')],
  ['left', t('Left at the place')],
  ['post', t('By post')],
  ['screen', t('Read on a screen')],
]
export const deliveryWord = (how) => deliveries().find(([name]) => name === how)[1]

const OUTCOMES = { held: () => t('It held'), recurred: () => t('It came again'), moot: () => t('No longer needed') }
export const outcomeWord = (outcome) => OUTCOMES[outcome]()

/** Class and place of a hazard in a line. */
export const placeLine = ({ category, site, grid }) => [category, site, grid].filter(Boolean).map(nameOf).join(' · ')

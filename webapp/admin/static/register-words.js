/** The words of the register for what the server says in codes. */
import { t } from '../shared/i18n.js'
import { date, moment } from '../shared/time.js'
import { nameOf } from '../shared/words.js'

export const PERSON_ROLES = ['worker', 'chief', 'township', 'department', 'operator', 'planner', 'supervisor', 'auditor', 'admin']
export const POSTS = ['full-time', 'part-time', 'micro', 'mobile']
export const DEVICE_KINDS = ['camera', 'gateway', 'drone_dock', 'drone', 'smoke', 'charging_pile', 'sensor']

const table = (words) => (code) => words()[code] ?? code

export const accountStateWord = table(() => ({ open: t('in use'), new: t('without password'), ended: t('out of use') }))

export const postWord = table(() => ({
  'full-time': t('Full-time worker'),
  'part-time': t('Part-time worker'),
  micro: t('Micro-grid worker'),
  mobile: t('Mobile worker'),
}))

export const languageWord = (tag) => ({ 'zh-CN': '中文', en: 'English' })[tag] ?? tag

/** What a role is over: its name, or its code where nobody named it; the root has neither. */
export const overText = (over) => nameOf(over) || over.code || t('everything')

/** A moment as short as it may be today. */
export const shortMoment = (at, zone) => moment(Date.parse(at), Date.now(), zone)

/** 2026年3月1日 */
export const dateText = (at, zone) => date(Date.parse(at), zone)

/** The last day through which something lasts that ends at an instant. */
export const lastDay = (at, zone) => date(Date.parse(at) - 1, zone)

/** What was decided of a matter like this one, in a sentence. */
import { t } from '../shared/i18n.js'
import { nameOf } from '../shared/words.js'

export const precedentText = ({ department, ground }) => t('Precedent: %(department)s. %(ground)s', { department: nameOf(department), ground })

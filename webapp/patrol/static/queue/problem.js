/** A no of the phone itself, as a sentence for who holds it. */
import { t } from '../../shared/i18n.js'

const SENTENCES = {
  insecure: () => t('This page came over plain http: the browser keeps nothing for it, tells it no position and signs nobody in. Open the https address.'),
  closed: () => t('This browser lets no page keep anything, as in a private window. Open the page in an ordinary window.'),
  draft: () => t('A report that was begun here can no longer be read and was removed.'),
  full: () => t('The storage of this phone is full: this was not taken. Make room, or wait until what is queued has been sent.'),
  damaged: () => t('A photo kept on this phone can no longer be read.'),
  unreadable: () => t('What was kept here can no longer be read. Report it once more; a backup holds what is left of it.'),
  unexported: () => t('Save a backup first, then it can be removed from the phone.'),
  unsent: () => t('This still waits to be sent and cannot be removed.'),
}

/** @typedef {'draft'|'insecure'|'closed'|'full'|'damaged'|'unreadable'|'unexported'|'unsent'} Reason */

export class QueueProblem extends Error {
  /**
   * @param {Reason} reason
   * @param {{ cause?: unknown }} [options]
   */
  constructor(reason, options) {
    super(SENTENCES[reason](), options)
    this.name = 'QueueProblem'
    this.reason = reason
  }
}

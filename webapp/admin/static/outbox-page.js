/** The outbox at a desk: the far ends that messages go to, and the messages that wait, went, or were given up. */
import { html, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { show, shown } from './address.js'
import { FarEnds } from './far-ends.js'
import { Chips } from './list-panel.js'
import { OutboxMessages } from './outbox-messages.js'

export function OutboxPage({ me }) {
  const [mode, take] = useState(shown('mode') === 'messages' ? 'messages' : 'ends')
  const setMode = (wish) => {
    show({ mode: wish === 'ends' ? null : wish, end: null, message: null, state: null })
    take(wish)
  }
  const modes = html`<${Chips} label=${t('What is kept')} options=${[['ends', t('Far ends')], ['messages', t('Messages')]]} chosen=${mode} onChoose=${setMode} />`
  return mode === 'ends' ? html`<${FarEnds} me=${me} modes=${modes} />` : html`<${OutboxMessages} me=${me} modes=${modes} />`
}

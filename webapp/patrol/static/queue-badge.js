/** 待发 2: always in sight, since what waits on the phone is the worker's own responsibility. */
import { html } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { usePage, useWorld } from './world.js'

export function QueueBadge() {
  const { actions } = usePage()
  const counts = useWorld((state) => state.counts)
  const online = useWorld((state) => state.online)
  // As long as nobody is signed in, what waits here is somebody else's.
  const nobody = useWorld((state) => state.account === null)
  const waiting = counts.waiting + counts.sending + (nobody ? counts.others : 0)
  const words = counts.refused
    ? t('refused %(n)s', { n: counts.refused })
    : waiting
      ? t('to send %(n)s', { n: waiting })
      : t('Sent')
  const kind = counts.refused ? 'refused' : waiting ? 'waiting' : 'still'
  return html`<button class="badge badge-${kind}" onClick=${() => actions.go({ name: 'queue' })}>
    <${Icon} name=${!online ? 'offline' : waiting || counts.refused ? 'up' : 'check'} /><span role="status">${words}</span>
  </button>`
}

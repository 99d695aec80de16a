/** One incident: where it is, until when, what was said and shown, what is next. Without network from what is kept. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Severity } from '../shared/icons.js'
import { moment } from '../shared/time.js'
import { classText, isEnded, nameOf, severityWord, stateWord, whereText } from '../shared/words.js'
import { Due } from './due.js'
import { IncidentMap } from './incident-map.js'
import { IncidentPhotos } from './incident-photos.js'
import { IncidentSteps } from './incident-steps.js'
import { Log, Sources } from './incident-told.js'
import { ScreenHead } from './screen-head.js'
import { distanceText } from './task-row.js'
import { everyTenSeconds, usePage, useWorld, zoneOf } from './world.js'

export function IncidentPage({ id }) {
  const kept = useWorld((state) => state.patrol?.today.incidents.find((incident) => incident.id === id) ?? null)
  const { detail, failure } = useDetail(id, kept)
  const incident = detail ?? kept
  return html`<div class="screen incident">
    <${ScreenHead} title=${incident ? classText(incident) : t('Incident')}>${incident && html`<span class="mark">${stateWord(incident.state)}</span>`}<//>
    ${incident
      ? html`<main>
            <${Head} incident=${incident} />
            ${incident.place && incident.place.lon !== null && html`<${IncidentMap} incident=${incident} />`}
            ${incident.due_at && !isEnded(incident) && html`<${Due} incident=${incident} />`}
            ${failure && html`<p class="why part" role="status">${t('Shown as kept on the phone: %(why)s', { why: failure })}</p>`}
            ${detail && html`<${IncidentPhotos} photos=${detail.photos ?? []} /><${Sources} sources=${detail.sources ?? []} /><${Log} log=${detail.log ?? []} intact=${detail.log_intact} checklists=${detail.checklists} />`}
          </main>
          <${IncidentSteps} incident=${incident} />`
      : html`<main><p class="empty" role="status">${failure ?? t('Loading…')}</p></main>`}
  </div>`
}

/** All that the server knows of it; asked anew when the list says that it has moved on, or there is network again. */
function useDetail(id, kept) {
  const { actions } = usePage()
  const online = useWorld((state) => state.online)
  const received = useWorld((state) => state.counts.received)
  const [answer, setAnswer] = useState({ detail: null, failure: null })
  useEffect(() => {
    const line = new AbortController()
    actions.incident(id, line.signal).then(
      (detail) => setAnswer({ detail, failure: null }),
      (error) => !line.signal.aborted && setAnswer((before) => ({ ...before, failure: error.message })),
    )
    return () => line.abort()
  }, [id, online, received, kept?.seq])
  return answer
}

function Head({ incident }) {
  const now = useWorld(everyTenSeconds)
  const zone = useWorld(zoneOf)
  const distance = useWorld((state) => distanceText(state.position.fix, incident.place))
  return html`<section class="incident-head">
    <${Severity} severity=${incident.severity} size=${36} />
    <div>
      <p><b>${[whereText(incident), distance].filter(Boolean).join(' · ')}</b></p>
      <p class="why">${[severityWord(incident.severity), incident.township && nameOf(incident.township), moment(Date.parse(incident.occurred_at), now, zone)].filter(Boolean).join(' · ')}</p>
      <p class="why"><code>${incident.number}</code></p>
    </div>
  </section>`
}

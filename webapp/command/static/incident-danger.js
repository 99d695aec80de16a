/** What is dangerous about an incident: hazards that were found with it, and a safe zone around it. */
import { html, useEffect, useState } from '../vendor/preact.js'
import { Problem } from '../shared/api.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { classText, isEnded } from '../shared/words.js'
import { hazardsOf } from './requests.js'
import { Section } from './section.js'
import { useChosen, usePage } from './use-store.js'

export function Danger({ item }) {
  const { store } = usePage()
  const may = useChosen((state) => state.me.can)
  const reads = may.includes('hazard.read')
  const hazards = useHazards(item.id, reads)
  const draws = may.includes('safe-zone.draw') && !isEnded(item) && item.place && item.place.lon !== null
  const enters = may.includes('hazard.work') && item.place && item.place.lon !== null
  if (!draws && !enters && hazards.length === 0) return null
  const draw = () => store.dispatch({ type: 'zoneDraft', draft: { incident: { id: item.id, number: item.number }, name: item.category ? classText(item) : '' } })
  return html`<${Section} title=${t('Danger')}>
    ${hazards.length > 0 && html`<ul class="hazards-found">${hazards.map((one) => html`<li key=${one.id}><a class="link" href=${`/hazards?hazard=${encodeURIComponent(one.id)}`}>${one.number}</a> ${one.what}</li>`)}</ul>`}
    <div class="step-buttons">
      ${draws && html`<button class="button small" onClick=${draw}><${Icon} name="shield" size=${16} />${t('Safe zone around it')}</button>`}
      ${enters && html`<a class="button small" href=${`/hazards?incident=${encodeURIComponent(item.id)}`}><${Icon} name="plus" size=${16} />${t('Enter as a hazard')}</a>`}
    </div>
  <//>`
}

function useHazards(id, reads) {
  const [hazards, take] = useState([])
  useEffect(() => {
    if (!reads) return undefined
    let wanted = true
    hazardsOf(id).then((found) => wanted && take(found), ignoreSilence)
    return () => { wanted = false }
  }, [id])
  return hazards
}

/** Without an answer the card goes without this part. */
function ignoreSilence(error) {
  if (!(error instanceof Problem)) throw error
}

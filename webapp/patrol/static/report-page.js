/** Report: one page, three marks, 类别 -> 照片 -> 发送. */
import { html, useMemo, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { moment } from '../shared/time.js'
import { CategoryChips } from './category-chips.js'
import { useDraft } from './draft.js'
import { FixedSwitch, FixFields } from './fixed-on-the-spot.js'
import { PhotoStrip } from './photo-strip.js'
import { PlacePicker } from './place-picker.js'
import { markOf, missing } from './report-body.js'
import { ScreenHead } from './screen-head.js'
import { everyTenSeconds, usePage, useWorld, zoneOf } from './world.js'

/** A matter of life and death is nobody's to close on the spot. */
const LIFE_AT_RISK = 1

export function ReportPage() {
  const { actions } = usePage()
  const { draft, begunAt, told, spend, discard, ...kept } = useDraft()
  const [failure, setFailure] = useState(null)
  const [sending, setSending] = useState(false)
  const change = (changes) => {
    // What was lacking may be there now.
    setFailure(null)
    kept.change(changes)
  }
  const categories = useWorld((state) => state.patrol?.categories)
  const category = useMemo(() => categories?.find(({ code }) => code === draft.category) ?? null, [categories, draft.category])

  const lacks = missing(draft)
  const send = async () => {
    if (lacks.length || sending) return setFailure(missingText(lacks[0]))
    setSending(true)
    const outcome = await spend((name) => actions.report(draft, category, name))
    if (outcome.done) return undefined
    setSending(false)
    return setFailure(outcome.sentence)
  }
  return html`<div class="screen report">
    <${ScreenHead} title=${t('Report')}><${Marks} at=${markOf(draft)} /><//>
    <main>
      <${Begun} at=${begunAt} told=${told} onDiscard=${discard} />
      <${CategoryChips} chosen=${category} onChoose=${(code) => change({ category: code })} />
      <${PhotoStrip} title=${draft.fixed ? t('Before') : t('Photos')} photos=${draft.photos} onChange=${(photos, capturedAt) => change({ photos, capturedAt: draft.capturedAt ?? capturedAt })} />
      <div class="aside">
        ${category && category.severity !== LIFE_AT_RISK && html`<${FixedSwitch} fixed=${draft.fixed} onChange=${(fixed) => change({ fixed })} />`}
        <${Text} key=${begunAt} value=${draft.text} onChange=${(text) => change({ text })} />
      </div>
      ${draft.fixed && html`<${FixFields} draft=${draft} onChange=${change} />`}
      <${PlacePicker} draft=${draft} onChoose=${(chosen) => change({ chosen })} />
    </main>
    <footer class="foot">
      <p class="failure" role="alert">${failure}</p>
      <button class="primary large" aria-disabled=${lacks.length || sending ? 'true' : 'false'} onClick=${send}>${t('Send')}</button>
    </footer>
  </div>`
}

/** What this page opened with, and one tap to be rid of it; of other accounts' only that it is there. */
function Begun({ at, told, onDiscard }) {
  const now = useWorld(everyTenSeconds)
  const zone = useWorld(zoneOf)
  const others = useWorld((state) => state.begun.others)
  return html`${at !== null &&
    html`<div class="begun" role="status">
      <p>${t('A report you had begun: %(time)s', { time: moment(at, now, zone) })}</p>
      <button class="button" onClick=${onDiscard}>${t('Discard')}</button>
    </div>`}
    ${told && html`<p class="begun-told" role="alert">${told}</p>`}
    ${others > 0 && html`<p class="begun-told">${t('On this phone a report of another account is begun. It waits until that account signs in here again.')}</p>`}`
}

const missingText = (lack) =>
  ({
    category: t('Choose a class first.'),
    before: t('Take a photo of how it was.'),
    after: t('Take a photo of how it is now.'),
    note: t('Write in a few words how it was fixed.'),
  })[lack] ?? null

/** 1 类别 → 2 照片 → 3 发送, and three bars that fill. */
function Marks({ at }) {
  const marks = [t('Class'), t('Photo'), t('Send')]
  return html`<ol class="marks" aria-label=${t('Step %(n)s of 3: %(name)s', { n: at, name: marks[at - 1] })}>
    ${marks.map((name, i) => html`<li key=${name} class=${i + 1 <= at ? 'done' : ''} aria-current=${i + 1 === at ? 'step' : undefined}>${i + 1} ${name}</li>`)}
  </ol>`
}

/** The words of a report; remembered by us, sealed, and not in clear by the browser, which restores fields of its tabs. */
function Text({ value, onChange }) {
  const [open, setOpen] = useState(Boolean(value))
  const field = useRef()
  const begin = () => {
    setOpen(true)
    requestAnimationFrame(() => field.current?.focus())
  }
  if (!open) return html`<button class="quiet-button" onClick=${begin}><${Icon} name="chat" />${t('Add words')}</button>`
  return html`<label class="words">
    <span class="part-title">${t('Words')}</span>
    <textarea autocomplete="off" ref=${field} rows="2" maxlength="4000" value=${value} onInput=${(event) => onChange(event.currentTarget.value)}></textarea>
  </label>`
}

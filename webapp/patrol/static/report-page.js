/** Report: one page, three marks, 类别 -> 照片 -> 发送. */
import { html, useEffect, useMemo, useRef, useState } from '../vendor/preact.js'
import { t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'
import { CategoryChips } from './category-chips.js'
import { FixedSwitch, FixFields } from './fixed-on-the-spot.js'
import { letGo } from './photos.js'
import { PhotoStrip } from './photo-strip.js'
import { PlacePicker } from './place-picker.js'
import { emptyDraft, markOf, missing } from './report-body.js'
import { ScreenHead } from './screen-head.js'
import { usePage, useWorld } from './world.js'

/** A matter of life and death is nobody's to close on the spot. */
const LIFE_AT_RISK = 1

export function ReportPage() {
  const { actions } = usePage()
  const [draft, setDraft] = useState(emptyDraft)
  const [failure, setFailure] = useState(null)
  const [sending, setSending] = useState(false)
  const ids = useRef({})
  const change = (changes) => {
    // What was lacking may be there now.
    setFailure(null)
    setDraft((before) => ({ ...before, ...changes }))
  }
  const categories = useWorld((state) => state.patrol?.categories)
  const category = useMemo(() => categories?.find(({ code }) => code === draft.category) ?? null, [categories, draft.category])
  useLettingGo(draft)

  const lacks = missing(draft)
  const send = async () => {
    if (lacks.length || sending) return setFailure(missingText(lacks[0]))
    setSending(true)
    const outcome = await actions.report(draft, category, ids.current)
    if (outcome.done) return undefined
    setSending(false)
    return setFailure(outcome.sentence)
  }
  return html`<div class="screen report">
    <${ScreenHead} title=${t('Report')}><${Marks} at=${markOf(draft)} /><//>
    <main>
      <${CategoryChips} chosen=${category} onChoose=${(code) => change({ category: code })} />
      <${PhotoStrip} title=${draft.fixed ? t('Before') : t('Photos')} photos=${draft.photos} onChange=${(photos, capturedAt) => change({ photos, capturedAt: draft.capturedAt ?? capturedAt })} />
      <div class="aside">
        ${category && category.severity !== LIFE_AT_RISK && html`<${FixedSwitch} fixed=${draft.fixed} onChange=${(fixed) => change({ fixed })} />`}
        <${Text} value=${draft.text} onChange=${(text) => change({ text })} />
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

/** The pictures are shown from memory; leaving the page gives that back. */
function useLettingGo(draft) {
  const latest = useRef(draft)
  latest.current = draft
  useEffect(() => () => [...latest.current.photos, ...latest.current.after].forEach(letGo), [])
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
    <textarea ref=${field} rows="2" maxlength="4000" value=${value} onInput=${(event) => onChange(event.currentTarget.value)}></textarea>
  </label>`
}

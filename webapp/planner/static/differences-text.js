/** The difference in sentences, in either language, to be copied into a notice. */
import { html, useEffect, useRef, useState } from '../vendor/preact.js'
import { locale, t } from '../shared/i18n.js'
import { Icon } from '../shared/icons.js'

const TONGUES = [['zh-CN', '中文'], ['en', 'English']]

export function DifferenceText({ sentences }) {
  const [tongue, setTongue] = useState(locale() in sentences ? locale() : 'zh-CN')
  const [said, say] = useState(null)
  const text = useRef()
  useEffect(() => say(null), [sentences, tongue])
  const copy = async () => {
    // Over plain http in a LAN browsers give pages no clipboard: then it is selected, to be copied by hand.
    getSelection().selectAllChildren(text.current)
    await navigator.clipboard?.writeText(sentences[tongue].join('\n'))
    say(navigator.clipboard ? t('Copied') : t('Selected: copy it with Ctrl C'))
  }
  return html`<section class="difference-text">
    <div class="difference-head">
      <h2>${t('Text for a notice')}</h2>
      <div class="tongues" role="group" aria-label=${t('Language')}>
        ${TONGUES.map(([tag, word]) => html`<button key=${tag} lang=${tag} aria-pressed=${String(tag === tongue)} onClick=${() => setTongue(tag)}>${word}</button>`)}
      </div>
    </div>
    <div class="sentences" ref=${text} lang=${tongue}>${sentences[tongue].map((sentence, i) => html`<p key=${i}>${sentence}</p>`)}</div>
    <button class="button" onClick=${copy}><${Icon} name="copy" size=${16} />${t('Copy text')}</button>
    <span class="meta" role="status">${said}</span>
  </section>`
}

/** The questions of checklists, answered on the spot: yes or no, a number, a few words. */
import { html, useId } from '../vendor/preact.js'
import { t } from './i18n.js'
import { nameOf } from './words.js'

const itemsOf = (lists) => lists.flatMap(({ items }) => items)
const isBlank = (answer) => answer === undefined || answer === null || String(answer).trim() === ''

/**
 * Whether a question that must be answered is not.
 * @param {object[]} lists  as the server gives the checklists of an incident
 * @param {Record<string, boolean|number|string>} answers  by the code of the question
 */
export const lacksAnswers = (lists, answers) => itemsOf(lists).some(({ code, needed }) => needed && isBlank(answers[code]))

/** What was answered, in the order of the lists; what they do not ask any more stands under its code. */
export function answered(lists, answers) {
  const asked = itemsOf(lists).filter(({ code }) => code in answers)
  const others = Object.keys(answers).filter((code) => !asked.some((item) => item.code === code))
  return [...asked.map((item) => [nameOf(item), answers[item.code]]), ...others.map((code) => [code, answers[code]])].map(([name, answer]) => [name, answerWord(answer)])
}

const answerWord = (answer) => (answer === true ? t('Yes') : answer === false ? t('No') : String(answer))

/** @param {{ lists: object[], answers: object, onAnswers: (answers: object) => void }} props */
export function Checklists({ lists, answers, onAnswers }) {
  const answer = (code, said) => {
    const { [code]: _, ...others } = answers
    onAnswers(isBlank(said) ? others : { ...others, [code]: said })
  }
  return lists.filter(({ items }) => items.length).map(
    (list) => html`<fieldset key=${list.code} class="checklist">
      <legend>${nameOf(list)}</legend>
      ${list.items.map((item) => html`<${Item} key=${item.code} item=${item} value=${answers[item.code]} onAnswer=${(said) => answer(item.code, said)} />`)}
    </fieldset>`,
  )
}

function Item({ item, value, onAnswer }) {
  const id = useId()
  const name = html`<span id=${id}>${nameOf(item)}${item.needed && html` <abbr title=${t('Must be answered')}>*</abbr>`}</span>`
  if (item.answer === 'yes-no') {
    const choice = (said, word) => html`<label><input type="radio" name=${id} checked=${value === said} onChange=${() => onAnswer(said)} />${word}</label>`
    return html`<div class="check-item" role="radiogroup" aria-labelledby=${id}>${name}<div class="check-choice">${choice(true, t('Yes'))}${choice(false, t('No'))}</div></div>`
  }
  if (item.answer === 'number') {
    const say = ({ currentTarget: field }) => onAnswer(field.value === '' ? null : field.valueAsNumber)
    return html`<label class="check-item">${name}<input type="number" step="any" inputmode="decimal" value=${value ?? ''} onInput=${say} /></label>`
  }
  return html`<label class="check-item">${name}<input type="text" maxlength="200" value=${value ?? ''} onInput=${(event) => onAnswer(event.currentTarget.value)} /></label>`
}

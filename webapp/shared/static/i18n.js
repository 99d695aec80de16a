/** Sentences in the reader's language: the English sentence is the key, as on the server. */

let sentences = {}

/** The language of the page, as the server chose it. */
export const locale = () => document.documentElement.lang || 'zh-CN'

/** Fetch the sentences of the page's language; a page waits for this before it draws. */
export async function loadWords() {
  sentences = (await import(`../i18n/${locale()}.js`)).default
}

/**
 * Put a sentence into the reader's language.
 * @param {string} english  the sentence, with %(name)s where a value goes
 * @param {Record<string, string|number>} [values]
 * @returns {string}
 */
export function t(english, values = {}) {
  const sentence = Object.prototype.hasOwnProperty.call(sentences, english) ? sentences[english] : english
  return sentence.replace(/%\((\w+)\)s/g, (whole, name) => (name in values ? String(values[name]) : whole))
}

/** Show this page in another language; the server remembers the choice in this browser. */
export function setLanguage(tag) {
  const address = new URL(location.href)
  address.searchParams.set('lang', tag)
  location.assign(address)
}

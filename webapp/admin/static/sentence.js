/** A sentence of the server's in the words of this page; what stands between backticks is a command. */
import { html } from '../vendor/preact.js'
import { pageWords } from './words.js'

export const Sentence = ({ text }) => pageWords(text).split('`').map((part, at) => (at % 2 ? html`<code key=${at}>${part}</code>` : part))

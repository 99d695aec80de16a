/** The keys of the steps. One key may stand for several steps of which only one is ever possible at once. */

/** step -> key; a capital letter is that letter with Shift. */
const KEYS = {
  file: 'f',
  dispatch: 'd',
  ask_verification: 'v',
  verify: 'V',
  accept: 'a',
  handle: 'h',
  check: 'c',
  close: 'c',
  rework: 'b',
  feedback: 'y',
  reject: 'r',
  return: 'r',
  merge: 'm',
  suspend: 's',
  resume: 's',
  extend: 'e',
  escalate: 'l',
  correct: 'g',
  add_party: 'p',
  contact: 'q',
  note: 'i',
  reopen: 'o',
  fix: 'F',
  ask_help: 'H',
  ask_suspend: 'S',
  ask_extend: 'E',
  refuse: 'R',
  end_party: 'P',
  derive: 'M',
}

/** What stands on the key cap of a step: V, ⇧V; nothing for a step without a key. */
export function capOf(step) {
  const key = KEYS[step]
  if (!key) return ''
  return key === key.toUpperCase() ? `⇧${key}` : key.toUpperCase()
}

/** The steps a key may mean. */
export const stepsOf = (key) => Object.keys(KEYS).filter((step) => KEYS[step] === key)

/** Every letter that means a step. */
export const STEP_LETTERS = new Set(Object.values(KEYS))

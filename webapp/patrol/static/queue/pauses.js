/** When to try again: sooner at first, then ever more seldom, and never all phones at once. */

const FIRST_MS = 1000
const LONGEST_MS = 300_000
/** A server that asks for more than this is asked again after it all the same. */
const LONGEST_WISH_MS = 900_000

export class Pauses {
  /** @param {() => void} wake  called when a pause is over */
  constructor(wake) {
    this.wake = wake
    this.tries = 0
    this.notBefore = 0
    this.timer = null
  }

  /** Something went through: the way is open again. */
  ease() {
    this.tries = 0
    this.notBefore = 0
  }

  /** Wait for the next try. @param {number|null} [wishS]  how long the server asks for */
  rest(wishS = null) {
    const growing = Math.min(FIRST_MS * 2 ** this.tries, LONGEST_MS) * (0.5 + Math.random() / 2)
    const wished = Math.min((wishS ?? 0) * 1000, LONGEST_WISH_MS)
    this.tries += 1
    if (wished) this.notBefore = Date.now() + wished
    this.start(Math.max(growing, wished))
  }

  /** The network is back, or somebody asks: at once, unless the server asked for a pause. */
  cut() {
    this.tries = 0
    const left = this.notBefore - Date.now()
    if (left > 0) return this.start(Math.min(left, LONGEST_WISH_MS))
    this.stop()
    this.wake()
  }

  start(ms) {
    this.stop()
    this.timer = setTimeout(this.wake, ms)
  }

  stop() {
    clearTimeout(this.timer)
    this.timer = null
  }
}

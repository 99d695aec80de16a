/** Where the phone is, as long as a page is open that asks for it. */
import { bestFix, withFix } from './fixes.js'

/**
 * @typedef {object} Position
 * @property {'off'|'seeking'|'found'|'refused'|'none'|'insecure'} status
 *   `refused`: the reader said no; `none`: no satellite, no answer; `insecure`: browsers give no position over plain http
 * @property {import('./fixes.js').Fix|null} fix
 */

const ASK = { enableHighAccuracy: true, maximumAge: 5000, timeout: 30_000 }
const REFUSED = 1

/**
 * Listen to the phone's position.
 * @param {(position: Position) => void} tell
 * @returns {() => void} stop
 */
export function watchPosition(tell) {
  if (!isSecureContext || !navigator.geolocation) {
    tell({ status: 'insecure', fix: null })
    return () => {}
  }
  let fixes = []
  const onFix = ({ coords, timestamp }) => {
    fixes = withFix(fixes, { lon: coords.longitude, lat: coords.latitude, errorM: coords.accuracy, at: timestamp })
    tell({ status: 'found', fix: bestFix(fixes, Date.now()) })
  }
  // What was found before is still told, with its age: a stairwell hides the sky for a while.
  const onNone = ({ code }) => tell({ status: code === REFUSED ? 'refused' : fixes.length ? 'found' : 'none', fix: bestFix(fixes, Date.now()) })
  tell({ status: 'seeking', fix: null })
  const watch = navigator.geolocation.watchPosition(onFix, onNone, ASK)
  return () => navigator.geolocation.clearWatch(watch)
}

/** What this desk likes, remembered in this browser; a private window simply forgets. */

const KEY = 'gridmap.desk'
const USUAL = { sound: false, singleKeys: true, layers: ['incidents'] }

export function readPreferences(storage = window.localStorage) {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? '{}')
    const layers = Array.isArray(kept.layers) ? kept.layers.filter((name) => typeof name === 'string') : USUAL.layers
    return { sound: kept.sound === true, singleKeys: kept.singleKeys !== false, layers }
  } catch {
    return USUAL
  }
}

export function keepPreferences({ sound, singleKeys, layers }, storage = window.localStorage) {
  try {
    storage.setItem(KEY, JSON.stringify({ sound, singleKeys, layers }))
  } catch {
    // A full or forbidden store costs a preference, not the shift.
  }
}

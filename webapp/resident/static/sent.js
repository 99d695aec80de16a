/** On the page that follows a report: its draft is sent, so the phone forgets it. */
import { dropDraft } from './draft.js'

const door = sessionStorage.getItem('gridmap-door-sent')
if (door) {
  sessionStorage.removeItem('gridmap-door-sent')
  dropDraft(door)
}

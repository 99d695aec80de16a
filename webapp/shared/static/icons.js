/** Line icons of 20 × 20 and the marks of severity; colours come from the style sheet. */
import { html } from '../vendor/preact.js'
import { severityWord } from './words.js'

const PATHS = {
  shield: 'M10 2.8 16 5v4.6c0 3.6-2.4 6.3-6 7.6-3.6-1.3-6-4-6-7.6V5zM7 10.6 13 6.4M7.6 13.4 14 9',
  bell: 'M5.5 13.5V9a4.5 4.5 0 0 1 9 0v4.5l1.5 1.5H4zM8.3 17.2h3.4',
  whistle: 'M9.5 7.5H17V10h-3.2a4.8 4.8 0 1 1-4.3-2.5zM9 13.7a1.4 1.4 0 1 0 0-2.8 1.4 1.4 0 0 0 0 2.8zM9.5 2.5v2M6 3.5l.8 1.6M13 3.5l-.8 1.6',
  camera: 'M2.5 6h10v8h-10zM12.5 9l5-2.5v7l-5-2.5',
  site: 'M4.5 17V4.5h7V17M11.5 9h4v8M2.5 17h15M7 8h2M7 11h2M7 14h2',
  person: 'M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4.5 17c.4-3.4 2.4-5 5.5-5s5.1 1.6 5.5 5',
  walk: 'M10.5 5.2a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM7 11l.5-3.5L10 6.5l1.5 3 2.5 1M10 6.5 9.5 11l2.5 2.5 1 4M9.3 12 7 17.5',
  phone: 'M6.5 3 4 4.2c-.5 5.5 6.3 12.3 11.8 11.8L17 13.5l-3.5-2-1.7 1.3c-1.8-.9-3.7-2.8-4.6-4.6L8.5 6.5z',
  letter: 'M3 5h14v10.5H3zM3 5.5l7 5.5 7-5.5',
  globe: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM3 10h14M10 3c2.3 2 3 4.5 3 7s-.7 5-3 7c-2.3-2-3-4.5-3-7s.7-5 3-7z',
  chat: 'M3 4.5h14v9H9l-3.5 3v-3H3z',
  clipboard: 'M5 4.5h10v13H5zM8 3h4v3H8zM7.5 10h5M7.5 13h5',
  sensor: 'M10 11.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM6.5 13.5a5 5 0 0 1 0-7M13.5 6.5a5 5 0 0 1 0 7M4.2 15.8a8.2 8.2 0 0 1 0-11.6M15.8 4.2a8.2 8.2 0 0 1 0 11.6',
  drone: 'M4.5 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM15.5 7.5a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM10 17.2a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6zM6.3 6.6l2.2 2h3l2.2-2M10 8.6v4',
  people: 'M7 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM2.5 16c.3-3 2-4.5 4.5-4.5s4.2 1.5 4.5 4.5M13 9.5a2.2 2.2 0 1 0 0-4.4M13.5 11.6c2.3.1 3.7 1.6 4 4.4',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4 4',
  sound: 'M3 8v4h2.5L9 15V5L5.5 8zM12 7.5a3.5 3.5 0 0 1 0 5M14.3 5.2a6.8 6.8 0 0 1 0 9.6',
  muted: 'M3 8v4h2.5L9 15V5L5.5 8zM12.5 8l4 4M16.5 8l-4 4',
  sun: 'M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10 2.5V4.5M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M15.3 4.7l-1.4 1.4M6.1 13.9l-1.4 1.4',
  moon: 'M16 12.2A6.5 6.5 0 0 1 7.8 4 6.5 6.5 0 1 0 16 12.2z',
  close: 'M5 5l10 10M15 5 5 15',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4.3l3 1.7',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  unlock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 5.8-1',
  map: 'M3 5.5 7.5 3.5l5 2 4.5-2v11l-4.5 2-5-2L3 16.5zM7.5 3.5v11M12.5 5.5v11',
  list: 'M7 5.5h10M7 10h10M7 14.5h10M3.5 5.5h.01M3.5 10h.01M3.5 14.5h.01',
  card: 'M3.5 3.5h13v13h-13zM6.5 7.5h7M6.5 10.5h7M6.5 13.5h4',
  figures: 'M4 16.5v-5M8 16.5v-9M12 16.5v-6M16 16.5v-12',
  copy: 'M7 7h9v9.5H7zM4 13V3.5h9',
  key: 'M6.5 13.5a3.5 3.5 0 1 1 3.2-4.9H17v3h-1.8v1.6h-2.4v-1.6H9.7a3.5 3.5 0 0 1-3.2 1.9zM6.5 10h.01',
  chevron: 'M6 8l4 4 4-4',
  out: 'M12 4H4v12h8M9 10h8M14 7l3 3-3 3',
  pin: 'M10 17.5s5-5 5-9a5 5 0 0 0-10 0c0 4 5 9 5 9zM10 10.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z',
  back: 'M12.5 4 6.5 10l6 6',
  forward: 'M7.5 4l6 6-6 6',
  play: 'M6.5 4.5v11l9-5.5z',
  history: 'M4 4.5v3.8h3.8M4.3 8.2A6.3 6.3 0 1 1 4 11.6M10 7v3.5l2.4 1.5',
  photo: 'M2.5 6.5h3.2L7.2 4.5h5.6l1.5 2h3.2v9.5h-15zM10 14a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  up: 'M10 16.5V4M5 9l5-5 5 5',
  check: 'M4 10.5l4 4 8-9',
  retry: 'M13 4.5 16.5 8 13 11.5M16.5 8H8.7A4.7 4.7 0 0 0 4 12.7V15',
  print: 'M5.5 7.5v-5h9v5M5.5 13.5H3v-6h14v6h-2.5M5.5 11.5h9v6h-9z',
  file: 'M5 2.5h6.5L15 6v11.5H5zM11.5 2.5V6H15',
  offline: 'M3 3l14 14M7.2 5.9A4.6 4.6 0 0 1 14.5 9a3.2 3.2 0 0 1 2.3 5M5.6 8.5A3.6 3.6 0 0 0 6.3 15.2h7.2',
  locate: 'M10 14.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10 2.5v3M10 14.5v3M2.5 10h3M14.5 10h3',
  pause: 'M7.5 4.5v11M12.5 4.5v11',
  hand: 'M6.5 11V5.2a1.2 1.2 0 0 1 2.4 0V9M8.9 9V3.7a1.2 1.2 0 0 1 2.4 0V9M11.3 9V5a1.2 1.2 0 0 1 2.4 0v6.5c0 3.6-1.6 5.5-4.3 5.5-2 0-3.2-.9-4.2-2.7L3.6 11.4c-.8-1.4 1-2.4 1.9-1.2l1 1.3',
  magnet: 'M5 3.5v7a5 5 0 0 0 10 0v-7h-3.2v7a1.8 1.8 0 0 1-3.6 0v-7zM5 6.5h3.2M11.8 6.5H15',
  street: 'M6.5 3 4 17M13.5 3 16 17M10 4v2.5M10 9v2.5M10 14v2.5',
  swipe: 'M8 6 4 10l4 4M12 6l4 4-4 4',
  grid: 'M3.5 4.5 10 3l6.5 2.5v11h-13zM3.5 11l6-1.5L16.5 12M9.5 9.5 10 3M8.5 16.5l1-7',
  move: 'M4 16.5 7.5 9l4.5 3.5L16 4M7.5 10.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM12 14a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z',
  split: 'M3.5 4h13v12h-13zM10 4v12',
  merge: 'M3.5 4h13v12h-13zM10 4v2.5M10 13.5V16M6.5 10h7M10 7.5v5',
  'hand-over': 'M10.5 4h-7v12h7M8 10h9M14 7l3 3-3 3',
  carve: 'M3.5 3.5h13v13h-13zM7.5 7.5h5v5h-5z',
  straighten: 'M5 15 15 5M3.5 13.5l3 3M13.5 3.5l3 3',
  reshape: 'M4 16l.8-3.8 8.7-8.7 3 3-8.7 8.7zM11.5 5.5l3 3',
  rename: 'M3.5 6V4h9v2M8 4v12M6 16h4M15.5 7v9M14 7h3M14 16h3',
  propose: 'M7.8 14.5h4.4M8.5 17h3M10 2.8a4.9 4.9 0 0 0-3.2 8.6c.6.6 1 1.2 1 2v1.1h4.4v-1.1c0-.8.4-1.4 1-2A4.9 4.9 0 0 0 10 2.8z',
  undo: 'M7 4.5 3.5 8 7 11.5M3.5 8h7.8a4.7 4.7 0 0 1 4.7 4.7V15',
  redo: 'M13 4.5 16.5 8 13 11.5M16.5 8H8.7A4.7 4.7 0 0 0 4 12.7V15',
}

/** A decoration beside words; alone on a button the button carries the name. */
export function Icon({ name, size = 20 }) {
  return html`<svg class="icon" viewBox="0 0 20 20" width=${size} height=${size} aria-hidden="true" focusable="false">
    <path d=${PATHS[name]} />
  </svg>`
}

const SOURCE_ICONS = {
  patrol: 'walk',
  resident: 'person',
  hotline: 'phone',
  letter: 'letter',
  visit: 'person',
  web: 'globe',
  wechat: 'chat',
  inspection: 'clipboard',
  camera: 'camera',
  drone: 'drone',
  sensor: 'sensor',
  deliberation: 'people',
}
export const sourceIcon = (source) => SOURCE_ICONS[source] ?? 'chat'

const SHAPES = {
  1: ['M12 1.5 22.5 12 12 22.5 1.5 12z', 16],
  2: ['M12 2.5 22.8 21.5H1.2z', 19.2],
  3: ['M2.8 2.8h18.4v18.4H2.8z', 16.2],
  4: ['M12 22a10 10 0 1 0 0-20 10 10 0 0 0 0 20z', 16.2],
}

/** Severity by shape and number, so that colour is never alone. */
export function Severity({ severity, size = 22 }) {
  const [path, baseline] = SHAPES[severity]
  return html`<svg class="severity severity-${severity}" viewBox="0 0 24 24" width=${size} height=${size} role="img">
    <title>${`${severity} ${severityWord(severity)}`}</title>
    <path d=${path} />
    <text x="12" y=${baseline} text-anchor="middle">${severity}</text>
  </svg>`
}

/** The mark of gridmap: four parcels that fill a square. */
export function Mark() {
  return html`<svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
    <path class="mark-full" d="M1.5 4.5 12 1l2.2 9.2-6.2 4.6L1.5 12z" />
    <path class="mark-line" d="M14.3 2.8l7.7 2.4v6.3l-6-1.5zM2.5 15.8l5 1.7.9 4.5H2.5zM10.5 16.5l5.3-4.2 6.2 1.6V22H11.2z" />
  </svg>`
}

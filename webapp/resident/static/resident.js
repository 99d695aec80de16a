/** The form at a door, made better: photos made small, the draft kept, sent without losing it on a bad line. */
import { Problem, submitForm } from '../shared/api.js'
import { dropDraft, keepDraft, readDraft } from './draft.js'
import { showPhotos } from './photos.js'
import { shrink } from './shrink.js'

const FIELDS = ['chip', 'text', 'elsewhere', 'where']
const MOST_PHOTOS = 3
const PAUSE_MS = 400

const form = document.getElementById('report')
const said = document.getElementById('said')
const send = form.querySelector('.send')
const { door } = form.dataset
const sendWord = send.textContent
let photos = []
let sending = false
let timer = null

document.documentElement.classList.add('with-script')
start()

async function start() {
  const draft = await readDraft(door)
  // A page that comes back with a refusal holds what was typed; it wins over what the phone kept.
  if (draft && !form.elements.text.value && !chosen()) restore(draft)
  form.addEventListener('input', later)
  form.addEventListener('change', changed)
  form.addEventListener('submit', submit)
  addEventListener('online', () => navigator.onLine && photosOrWords() && say(form.dataset.online))
  addEventListener('offline', () => say(form.dataset.offline))
  addEventListener('pageshow', ({ persisted }) => persisted && form.dataset.done && location.reload())
  form.querySelector('.locate').hidden = !navigator.geolocation
  form.querySelector('.locate').addEventListener('click', locate)
  if (!navigator.onLine) say(form.dataset.offline)
  count()
  promise()
  document.documentElement.dataset.ready = ''
}

const chosen = () => form.elements.chip.value
const photosOrWords = () => photos.length > 0 || form.elements.text.value.trim() !== ''

function restore(draft) {
  for (const [name, value] of Object.entries(draft.fields)) {
    const field = form.elements[name]
    if (field?.type === 'checkbox') field.checked = Boolean(value)
    else if (field) field.value = value
  }
  if (draft.id) {
    form.elements.id.value = draft.id
    form.elements.ticket.value = draft.ticket
  }
  photos = draft.photos
  drawPhotos()
  say(draft.again ? form.dataset.again : form.dataset.kept, startOver)
}

async function startOver() {
  await dropDraft(door)
  location.reload()
}

function later() {
  count()
  clearTimeout(timer)
  timer = setTimeout(keep, PAUSE_MS)
}

async function changed({ target }) {
  if (target.name === 'photo') {
    const room = MOST_PHOTOS - photos.length
    photos = [...photos, ...(await Promise.all([...target.files].slice(0, room).map(shrink)))]
    target.value = ''
    drawPhotos()
  }
  promise()
  later()
}

function drawPhotos() {
  showPhotos(form.querySelector('.photos'), photos, (gone) => {
    photos = photos.filter((photo) => photo !== gone)
    drawPhotos()
    later()
  })
  form.querySelector('.photo').hidden = photos.length >= MOST_PHOTOS
}

async function keep({ again = false } = {}) {
  clearTimeout(timer)
  const told = new FormData(form)
  const fields = Object.fromEntries(FIELDS.map((name) => [name, told.get(name) ?? '']))
  const { id, ticket } = form.elements
  await keepDraft({ door, fields, photos, id: again ? null : id.value, ticket: again ? null : ticket.value, again })
}

/** @param {SubmitEvent} event */
async function submit(event) {
  event.preventDefault()
  if (sending) return
  await keep()
  busy(true)
  try {
    const body = new FormData(form)
    body.delete('photo')
    for (const photo of photos) body.append('photo', photo, 'photo.jpg')
    const headers = await submitForm(form, body)
    form.dataset.done = '1'
    sessionStorage.setItem('gridmap-door-sent', door)
    location.assign(headers.get('X-Next'))
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem
    await refused(problem)
  } finally {
    busy(false)
  }
}

async function refused({ status, message, where }) {
  if (status === 409) {
    await keep({ again: true })
    location.reload()
    return
  }
  const sentence = status === 0 ? form.dataset[navigator.onLine ? 'unsent' : 'offline'] : message
  say(sentence)
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid')
  const field = form.querySelector(`[name="${CSS.escape(where ?? '')}"]`)
  const fold = field?.closest('details')
  if (fold) fold.open = true
  field?.setAttribute('aria-invalid', 'true')
  field?.focus()
}

function busy(is) {
  sending = is
  send.disabled = is
  send.textContent = is ? form.dataset.sending : sendWord
}

function say(sentence, over = null) {
  said.textContent = sentence
  if (over) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = form.dataset.over
    button.addEventListener('click', over)
    said.append(' ', button)
  }
  said.hidden = false
  said.scrollIntoView({ block: 'center' })
}

function count() {
  const box = form.querySelector('.count')
  box.textContent = `${form.elements.text.value.length}/${form.elements.text.maxLength}`
  box.hidden = false
}

/** Show what is promised for the kind that was chosen. */
function promise() {
  const shown = chosen() || 'other'
  for (const line of form.querySelectorAll('[data-chip]')) line.hidden = line.dataset.chip !== shown
}

function locate({ target }) {
  const status = form.querySelector('[data-located]')
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.elements.lon.value = coords.longitude
      form.elements.lat.value = coords.latitude
      form.elements.accuracy.value = coords.accuracy
      form.elements.elsewhere.checked = true
      status.textContent = target.dataset.got
    },
    () => {
      status.textContent = target.dataset.none
    },
    { enableHighAccuracy: true, timeout: 15_000 },
  )
}

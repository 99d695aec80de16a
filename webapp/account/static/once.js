/** A form is sent once: of a double click the second answer would be shown, which says that the code was used. */

// Whoever stopped a slow page may send again.
const AGAIN_MS = 5000
const sent = new WeakSet()

document.addEventListener('submit', (event) => {
  // A script that sends by itself looks after its own button.
  if (event.defaultPrevented) return
  if (sent.has(event.target)) event.preventDefault()
  else setTimeout(() => sent.delete(event.target), AGAIN_MS)
  sent.add(event.target)
})

// Back from the answer the page may come out of the browser's memory as it was left.
addEventListener('pageshow', (event) => {
  if (event.persisted) for (const form of document.forms) sent.delete(form)
})

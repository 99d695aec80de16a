/** Photos of the form as small pictures, each with a button that takes it out. */

/**
 * @param {HTMLElement} list  `data-remove` is the word for taking one out
 * @param {Blob[]} photos
 * @param {(photo: Blob) => void} onRemove
 */
export function showPhotos(list, photos, onRemove) {
  for (const picture of list.querySelectorAll('img')) URL.revokeObjectURL(picture.src)
  list.replaceChildren(...photos.map((photo) => item(photo, list.dataset.remove, () => onRemove(photo))))
}

function item(photo, word, remove) {
  const [row, picture, button, cross] = ['li', 'img', 'button', 'span'].map((name) => document.createElement(name))
  picture.src = URL.createObjectURL(photo)
  picture.alt = ''
  button.type = 'button'
  button.setAttribute('aria-label', word)
  cross.textContent = '×'
  cross.setAttribute('aria-hidden', 'true')
  button.append(cross)
  button.addEventListener('click', remove)
  row.append(picture, button)
  return row
}

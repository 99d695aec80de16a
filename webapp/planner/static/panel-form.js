/** Small forms inside panels. */

/** For `ref`: what appears because it was asked for takes the keys. */
export const takeFocus = (element) => element?.focus()

/** Keys typed into a form are not the map's; Escape leaves the form, Ctrl Enter sends it. */
export function onFormKey(event, leave) {
  if (event.key === 'Escape') leave()
  else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit()
  event.stopPropagation()
}

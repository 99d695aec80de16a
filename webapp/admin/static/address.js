/** What the page shows, in its address, so that it can be sent to somebody. */

/** @returns {string} the value of a parameter; empty where there is none */
export const shown = (name) => new URLSearchParams(location.search).get(name) ?? ''

/** @param {Record<string, string|null>} values  empty ones leave the address */
export function show(values) {
  const address = new URL(location.href)
  for (const [name, value] of Object.entries(values)) {
    if (value) address.searchParams.set(name, value)
    else address.searchParams.delete(name)
  }
  history.replaceState(null, '', address)
}

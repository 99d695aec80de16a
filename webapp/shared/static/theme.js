/** The theme of the page: desk (dark), day (light) or wall; kept in this browser, so that the server draws it at once. */

const A_YEAR_S = 365 * 86400

export const currentTheme = () => document.documentElement.dataset.theme || 'desk'

export function setTheme(theme) {
  document.documentElement.dataset.theme = theme
  document.cookie = `gridmap-theme=${theme}; Path=/; Max-Age=${A_YEAR_S}; SameSite=Lax`
}

/** Start the page that compares two days. */
import { api } from '../shared/api.js'
import { DifferencesPage } from './differences-page.js'
import { startPage } from '../shared/start-page.js'

startPage(document.getElementById('differences'), async () => {
  const { items } = await api.get('/editions')
  return { view: DifferencesPage, props: { editions: items } }
})

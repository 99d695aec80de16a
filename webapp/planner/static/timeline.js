/** Start the page of one grid through its versions. */
import { api } from '../shared/api.js'
import { startPage } from '../shared/start-page.js'
import { TimelinePage } from './timeline-page.js'

const root = document.getElementById('timeline')

startPage(root, async () => {
  const { code } = root.dataset
  const { items } = await api.get(`/grids/${encodeURIComponent(code)}/history`)
  return { view: TimelinePage, props: { code, versions: items } }
})

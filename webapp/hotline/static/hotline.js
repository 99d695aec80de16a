/** Start the hotline page. */
import { startPage } from '../shared/start-page.js'
import { HotlinePage } from './hotline-page.js'

startPage(document.getElementById('hotline'), async () => ({ view: HotlinePage }), { readyAtOnce: true })

/** Start the hazard ledger. */
import { startPage } from '../shared/start-page.js'
import { HazardsPage } from './hazards-page.js'

startPage(document.getElementById('hazards'), async () => ({ view: HazardsPage }), { readyAtOnce: true })

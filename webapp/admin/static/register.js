/** Start a page of the register: people with departments, devices, the outbox, or the catalogue of rules. */
import { startPage } from '../shared/start-page.js'
import { CataloguePage } from './catalogue-page.js'
import { DevicesPage } from './devices-page.js'
import { OutboxPage } from './outbox-page.js'
import { PeoplePage } from './people-page.js'

const PAGES = { catalogue: CataloguePage, people: PeoplePage, devices: DevicesPage, outbox: OutboxPage }
const root = document.getElementById('register')

startPage(root, async () => ({ view: PAGES[root.dataset.page] }), { readyAtOnce: true })

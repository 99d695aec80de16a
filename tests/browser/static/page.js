import { createMap } from './shared/map.js'

const query = new URLSearchParams(location.search)
const number = (name, otherwise) => Number(query.get(name) ?? otherwise)

/** The map under test; the tests speak to it by this name. */
window.gridmap = createMap(document.querySelector('#map'), {
  tiles: '/tiles',
  centre: [number('lon', 114.2), number('lat', 35.72)],
  zoom: number('zoom', 13),
  bounds: [114.09, 35.65, 114.31, 35.79],
  revision: '1',
  language: query.get('language') ?? 'zh-CN',
})
window.gridmap.on('ready', () => { document.documentElement.dataset.ready = '' })

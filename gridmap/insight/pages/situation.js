/**
 * What a map as a document does in the browser: fills the layers that the page has made from the data it carries.
 * A classic script, for a file has no modules. Every word of the data is set as text and never as markup.
 */
(function () {
  'use strict'
  const COLOUR = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
  const STEP_FROM = [1, 3, 5, 8]
  const NUMBERS_FROM = 14
  const COMMUNITY_NAMES_FROM = 14
  const COMMUNITY_LINES_FROM = 12
  /** Metres wide, pixels at least, and whether it has a casing. */
  const WAYS = {
    'street-4': [7, 0.7, true], 'street-3': [12, 0.8, true], 'street-2': [18, 1, true], 'street-1': [30, 1.4, true],
    'road-3': [6, 0.8, true], 'road-2': [12, 1.2, true], motorway: [26, 2, true], rail: [4, 1, false], river: [8, 1, false],
  }
  const SHAPES = {
    1: 'M12 1 23 12 12 23 1 12Z', 2: 'M12 2 23 21.5H1Z', 3: 'M3 3H21V21H3Z', 4: 'M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20Z',
  }
  const TEXT_Y = { 1: 16, 2: 18, 3: 16, 4: 16 }

  /** A canvas that can also fill with a pattern: colour is never alone. */
  const Patterned = L.Canvas.extend({
    _fillStroke(context, layer) {
      const { pattern } = layer.options
      if (pattern) {
        context.globalAlpha = 1
        context.fillStyle = (pattern.made ??= context.createPattern(pattern.tile, 'repeat'))
        context.fill('evenodd')
      }
      L.Canvas.prototype._fillStroke.call(this, context, layer)
    },
  })

  const tile = (side, draw) => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = side
    draw(canvas.getContext('2d'))
    return { tile: canvas }
  }
  const dots = (colour) => tile(9, (context) => {
    context.fillStyle = colour
    context.fillRect(4, 4, 1.4, 1.4)
  })
  const hatch = (colour) => tile(8, (context) => {
    context.strokeStyle = colour
    context.lineWidth = 1
    context.beginPath()
    for (const at of [-8, 0, 8]) {
      context.moveTo(at, 8)
      context.lineTo(at + 8, 0)
    }
    context.stroke()
  })

  const loadStep = (n) => STEP_FROM.filter((first) => n >= first).length

  /** A line of text in a tag; what a browser would read as markup or turn around stays what it is. */
  const line = (element, text, className) => {
    const made = document.createElement(element)
    made.textContent = text
    made.dir = 'auto'
    if (className) made.className = className
    return made
  }

  const tag = (...lines) => {
    const made = document.createElement('div')
    made.className = 'tag'
    made.append(...lines.filter(Boolean))
    return made
  }

  const symbol = (severity, overdue, said) => {
    const fill = COLOUR(`sev-${severity}`)
    const edge = COLOUR(severity === 3 ? 'sev-3-line' : `sev-${severity}`)
    const ring = overdue ? `<circle cx="12" cy="12" r="16" fill="none" stroke="${COLOUR('sev-1')}" stroke-width="2.2" stroke-dasharray="17 8"/>` : ''
    return `<svg role="img" aria-label="${said}" viewBox="0 0 24 24" width="22" height="22">${ring}<path d="${SHAPES[severity]}" fill="${fill}" stroke="${COLOUR('map-halo')}" stroke-width="4" paint-order="stroke" stroke-linejoin="round"/>` +
      `<path d="${SHAPES[severity]}" fill="none" stroke="${edge}" stroke-width="1.4" stroke-linejoin="round"/><text x="12" y="${TEXT_Y[severity]}" class="number-${severity}">${severity}</text></svg>`
  }

  /** A ring in shares of severity, the count inside. */
  window.gridmapCluster = (cluster) => {
    const members = cluster.getAllChildMarkers()
    const size = Math.min(48, 28 + 2.2 * Math.sqrt(members.length))
    const r = size / 2 - 4
    const round = 2 * Math.PI * r
    let at = 0
    const arcs = [1, 2, 3, 4].map((severity) => {
      const share = (members.filter((marker) => marker.options.severity === severity).length / members.length) * round
      const arc = share && `<circle cx="${size / 2}" cy="${size / 2}" r="${r}" fill="none" stroke="${COLOUR(`sev-${severity}`)}" stroke-width="5" stroke-dasharray="${share} ${round - share}" stroke-dashoffset="${round / 4 - at}"/>`
      at += share
      return arc || ''
    })
    const grave = members.some((marker) => marker.options.severity === 1)
      ? `<path transform="translate(${size - 12} -3) scale(.55)" d="${SHAPES[1]}" fill="${COLOUR('sev-1')}" stroke="${COLOUR('map-halo')}" stroke-width="3" paint-order="stroke"/>` : ''
    const html = `<svg role="img" aria-label="${members.length}" viewBox="0 0 ${size} ${size}" width="${size}" height="${size}"><circle cx="${size / 2}" cy="${size / 2}" r="${size / 2 - 1}" fill="${COLOUR('map-halo')}"/>${arcs.join('')}<text x="${size / 2}" y="${size / 2}">${members.length}</text>${grave}</svg>`
    return L.divIcon({ html, className: 'mark cluster', iconSize: [size, size] })
  }

  const pane = (map, name, z, { catches = false } = {}) => {
    const made = map.createPane(name)
    made.style.zIndex = z
    if (!catches) made.style.pointerEvents = 'none'
    return new Patterned({ pane: name, padding: 0.2 })
  }

  function drawGround(map, group, ground) {
    const renderer = pane(map, 'ground', 210)
    const fills = { town: 'map-town', village: 'map-town', block: 'map-block', forest: 'map-forest', park: 'map-park', water: 'map-water', island: 'map-land' }
    for (const [kind, colour] of Object.entries(fills)) {
      if (ground[kind]) group.addLayer(L.polygon(ground[kind], { renderer, pane: 'ground', stroke: false, fill: true, fillColor: COLOUR(colour), fillOpacity: 1, interactive: false, smoothFactor: 0.5 }))
    }
    const ways = []
    const lines = (kind, colour, extra, [metres, least]) => {
      const way = L.polyline(ground[kind], { renderer, pane: 'ground', color: COLOUR(colour), opacity: 1, interactive: false, smoothFactor: 0.5, lineCap: 'butt' })
      ways.push(() => {
        const metresPerPx = (156543.034 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / 2 ** map.getZoom()
        way.setStyle({ weight: Math.max(least, metres / metresPerPx) + extra })
      })
      group.addLayer(way)
    }
    const drawn = Object.keys(WAYS).filter((kind) => ground[kind])
    for (const kind of drawn) if (WAYS[kind][2]) lines(kind, 'map-street-casing', 1.4, WAYS[kind])
    const colours = { rail: 'map-rail', river: 'map-water', motorway: 'map-motorway' }
    for (const kind of drawn) lines(kind, colours[kind] ?? 'map-street', 0, WAYS[kind])
    const widen = () => ways.forEach((way) => way())
    map.on('zoomend', widen)
    widen()
  }

  function gridTag(grid, words) {
    return tag(
      line('b', grid.name),
      line('span', [words.kinds[grid.kind], grid.area].filter(Boolean).join(' · ')),
      line('span', `${words.open} ${grid.open}${grid.overdue ? ` · ${words.overdue} ${grid.overdue}` : ''}`, grid.overdue ? 'late' : ''),
      line('span', `${words.households} ${grid.households}`),
      line('code', grid.code),
    )
  }

  function drawGrids(map, groups, { grids, words }) {
    const renderer = pane(map, 'grids', 400, { catches: true })
    const styles = {
      urban: { color: COLOUR('kind-urban'), weight: 1, fillColor: COLOUR('kind-urban'), fillOpacity: 0.08 },
      rural: { color: COLOUR('kind-rural'), weight: 1, dashArray: '5 3', fillColor: COLOUR('kind-rural'), fillOpacity: 0.06, pattern: dots(COLOUR('kind-rural')) },
      dedicated: { color: COLOUR('kind-dedicated'), weight: 3, fillColor: COLOUR('kind-dedicated'), fillOpacity: 0.1, pattern: hatch(COLOUR('kind-dedicated')) },
    }
    const red = hatch(COLOUR('sev-1'))
    const byStep = (n, pattern) => ({
      color: COLOUR('grid-line'), weight: 0.8, fillColor: COLOUR(`load-${loadStep(n)}`), fillOpacity: n ? 0.72 : 0, pattern: n ? pattern : null,
    })
    const style = { kind: (grid) => styles[grid.kind], open: (grid) => byStep(grid.open), overdue: (grid) => byStep(grid.overdue, red) }
    for (const [name, group] of Object.entries(groups)) {
      for (const grid of grids) {
        const shape = L.polygon(grid.rings, { renderer, pane: 'grids', smoothFactor: 0.6, ...style[name](grid) })
        shape.bindTooltip(() => gridTag(grid, words), { sticky: true })
        shape.bindPopup(() => gridTag(grid, words))
        shape.on('mouseover', () => shape.setStyle({ weight: 3 }).bringToFront())
        shape.on('mouseout', () => shape.setStyle({ weight: style[name](grid).weight }))
        group.addLayer(shape)
        if (name === 'kind' && grid.kind === 'dedicated') {
          // The second of a double line: the ground shows between two thin ones.
          group.addLayer(L.polygon(grid.rings, { renderer, pane: 'grids', smoothFactor: 0.6, color: COLOUR('map-halo'), weight: 1, fill: false, interactive: false }))
        }
      }
    }
    numberGrids(map, groups, grids)
  }

  /** The number stands in the grid from near by, as far as it is in sight. */
  function numberGrids(map, groups, grids) {
    const numbers = L.layerGroup().addTo(map)
    map.createPane('numbers').style.cssText = 'z-index:450;pointer-events:none'
    const write = () => {
      numbers.clearLayers()
      const shown = ['open', 'overdue'].find((name) => groups[name] && map.hasLayer(groups[name]))
      if (!shown || map.getZoom() < NUMBERS_FROM) return
      const sight = map.getBounds()
      for (const grid of grids) {
        if (!grid[shown] || !sight.contains(grid.label)) continue
        const icon = L.divIcon({ html: line('span', String(grid[shown])), className: 'count', iconSize: [30, 16] })
        numbers.addLayer(L.marker(grid.label, { icon, pane: 'numbers', interactive: false, keyboard: false }))
      }
    }
    map.on('moveend layeradd', (event) => (event.type === 'moveend' || Object.values(groups).includes(event.layer)) && write())
    write()
  }

  function drawAreas(map, group, areas) {
    const renderer = pane(map, 'areas', 420)
    map.createPane('names').style.cssText = 'z-index:460;pointer-events:none'
    const names = { township: L.layerGroup(), community: L.layerGroup() }
    const communities = []
    for (const area of [...areas].sort((a, b) => (a.kind < b.kind ? -1 : 1))) {
      const look = area.kind === 'township' ? { color: COLOUR('township-line'), weight: 2, dashArray: '10 3 2 3' } : { color: COLOUR('community-line'), weight: 1.4 }
      const outline = L.polygon(area.rings, { renderer, pane: 'areas', fill: false, interactive: false, smoothFactor: 0.6, ...look })
      group.addLayer(outline)
      if (area.kind === 'community') communities.push(outline)
      const icon = L.divIcon({ html: line('span', area.name), className: `name name-${area.kind}`, iconSize: [160, 20] })
      names[area.kind].addLayer(L.marker(area.label, { icon, pane: 'names', interactive: false, keyboard: false }))
    }
    const show = () => {
      const near = map.getZoom() >= COMMUNITY_NAMES_FROM
      const weight = map.getZoom() < COMMUNITY_LINES_FROM ? 0.5 : 1.4
      for (const outline of communities) if (outline.options.weight !== weight) outline.setStyle({ weight })
      const on = map.hasLayer(group)
      for (const [kind, layer] of Object.entries(names)) {
        if (on && (kind === 'community') === near) layer.addTo(map)
        else layer.remove()
      }
    }
    map.on('zoomend overlayadd overlayremove', show)
    show()
  }

  function drawIncidents(group, { incidents, words, tables }) {
    const icons = new Map()
    const iconOf = (severity, overdue) => {
      const key = `${severity}${overdue}`
      if (!icons.has(key)) icons.set(key, L.divIcon({ html: symbol(severity, overdue, `${severity} ${words.severities[severity]}`), className: 'mark', iconSize: [22, 22] }))
      return icons.get(key)
    }
    group.addLayers(
      incidents.map(([lat, lon, severity, overdue, number, category, grid, state, happened, due]) => {
        const told = () => tag(
          line('b', tables.categories[category] || number),
          line('span', `${severity} ${words.severities[severity]} · ${tables.states[state]}`),
          line('span', tables.grids[grid]),
          line('span', `${words.happened} ${happened}`),
          due && line('span', `${words.due} ${due}${overdue ? ` · ${words.overdue}` : ''}`, overdue ? 'late' : ''),
          line('code', number),
        )
        return L.marker([lat, lon], { icon: iconOf(severity, overdue), severity })
          .bindTooltip(told)
          .bindPopup(told)
      }),
    )
  }

  /**
   * @param {L.Map} map
   * @param {Record<string, L.LayerGroup>} layers  by name, those that were asked for
   * @param {object} data  as `gridmap.insight.maps` writes it
   */
  window.gridmapSituation = (map, layers, data) => {
    const { ground, areas, incidents, ...colourings } = layers
    map.fitBounds(data.bounds, { padding: [12, 12] })
    map.attributionControl?.setPrefix(false)
    if (ground) drawGround(map, ground, data.ground)
    drawGrids(map, colourings, data)
    if (areas) drawAreas(map, areas, data.areas)
    if (incidents) drawIncidents(incidents, data)
    if (innerWidth < 640 || innerHeight < 600) document.querySelector('.situation-legend').open = false
    document.querySelectorAll('.situation-legend [data-layer]').forEach((part) => {
      const follow = () => {
        part.hidden = !map.hasLayer(layers[part.dataset.layer])
      }
      map.on('layeradd layerremove', follow)
      follow()
    })
    document.documentElement.dataset.ready = ''
  }
})()

// Incidents and clusters. Severity is the shape, state the fill and the mark in it, overdue a broken red ring.

import { picture } from './canvas.js'

/** How a state is drawn; what is closed leaves the map. */
const FORMS = {
  reported: 'alert', verified: 'alert', filed: 'alert', dispatched: 'arrow', handling: 'half', handled: 'tick',
  checked: 'tick', suspended: 'bars',
}
const HALO = 2

/**
 * The picture of an incident.
 * @param {import('./palette.js').Palette} palette
 * @param {{severity: number, state: string, overdue: boolean}} incident
 * @param {number} [size]  CSS pixels; the theme's own unless given
 * @returns {HTMLCanvasElement}
 */
export function incidentPicture(palette, { severity, state, overdue }, size = palette.symbolPx) {
  const ring = size * 0.72
  const side = 2 * ((overdue ? ring + 1 : size * 0.62) + HALO)
  return picture(side, side, palette.pixelRatio, (context) => {
    context.translate(side / 2, side / 2)
    if (overdue) drawRing(context, palette, ring)
    drawMark(context, palette, severity, FORMS[state] ?? 'alert', size)
  })
}

function drawRing(context, palette, radius) {
  for (const [colour, width] of [[palette.mapHalo, 2 + HALO], [palette.sev1, 2]]) {
    context.strokeStyle = colour
    context.lineWidth = width
    for (let at = 0; at < 4; at += 1) {
      const from = (at * Math.PI) / 2 + 0.18
      context.beginPath()
      context.arc(0, 0, radius, from, from + Math.PI / 2 - 0.36)
      context.stroke()
    }
  }
}

function drawMark(context, palette, severity, form, size) {
  const shape = () => traceShape(context, severity, size / 2)
  const colour = palette[`sev${severity}`]
  const edge = severity === 3 ? palette.sev3Line : colour
  const solid = form === 'alert' || form === 'arrow'
  context.lineJoin = 'round'
  shape()
  context.strokeStyle = context.fillStyle = palette.mapHalo
  context.lineWidth = 2 * HALO
  context.stroke()
  context.fill()
  if (solid || form === 'half') {
    context.save()
    if (form === 'half') clipLowerHalf(context, size)
    shape()
    context.fillStyle = colour
    context.fill()
    context.restore()
  }
  shape()
  context.lineWidth = size / 10
  context.strokeStyle = edge
  context.setLineDash(form === 'bars' ? [size / 7, size / 9] : [])
  context.stroke()
  context.setLineDash([])
  const ink = severity === 3 ? palette.sev3Ink : palette.sevInk
  drawGlyph(context, form, size, solid ? ink : edge, severity)
}

function clipLowerHalf(context, size) {
  context.beginPath()
  context.rect(-size, 0, 2 * size, size)
  context.clip()
}

/** 1 diamond, 2 triangle, 3 square, 4 circle, of one visual weight. */
function traceShape(context, severity, radius) {
  const corners = {
    1: [[0, -1.08], [1.08, 0], [0, 1.08], [-1.08, 0]],
    2: [[0, -1], [1.08, 0.82], [-1.08, 0.82]],
    3: [[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]],
  }[severity]
  context.beginPath()
  if (corners === undefined) context.arc(0, 0, radius * 0.88, 0, 2 * Math.PI)
  else for (const [x, y] of corners) context.lineTo(x * radius, y * radius)
  context.closePath()
}

function drawGlyph(context, form, size, colour, severity) {
  // The triangle's middle of mass lies below the middle of its box.
  const down = severity === 2 ? size * 0.12 : 0
  const k = (size / 18) * (severity === 2 ? 0.85 : 1)
  context.save()
  context.translate(0, down)
  context.scale(k, k)
  context.strokeStyle = context.fillStyle = colour
  context.lineWidth = 1.8
  context.lineCap = 'round'
  context.beginPath()
  if (form === 'alert') {
    context.moveTo(0, -4)
    context.lineTo(0, 0.6)
    context.stroke()
    context.beginPath()
    context.arc(0, 3.6, 1.15, 0, 2 * Math.PI)
    context.fill()
  } else if (form === 'arrow') {
    line(context, [[-3.6, 0], [3.4, 0]])
    line(context, [[0.8, -2.8], [3.6, 0], [0.8, 2.8]])
  } else if (form === 'tick') {
    line(context, [[-3.2, 0.2], [-0.8, 2.6], [3.4, -2.4]])
  } else if (form === 'bars') {
    line(context, [[-1.6, -2.4], [-1.6, 2.4]])
    line(context, [[1.6, -2.4], [1.6, 2.4]])
  }
  context.restore()
}

function line(context, points) {
  context.beginPath()
  for (const [x, y] of points) context.lineTo(x, y)
  context.stroke()
}

/** @param {import('./palette.js').Palette} palette @param {number} count @returns {number} CSS pixels across, 30 to 48 by its root */
export function clusterSize(palette, count) {
  const share = Math.min(1, (Math.sqrt(count) - 1) / 14)
  return (30 + 18 * share) * (palette.wall ? 1.5 : 1)
}

/**
 * The picture of a cluster: a ring in shares of severity, the count, and a diamond outside when a life is at risk.
 * @param {import('./palette.js').Palette} palette
 * @param {{n: number, s1: number, s2: number, s3: number, s4: number}} cluster
 * @returns {HTMLCanvasElement}
 */
export function clusterPicture(palette, cluster) {
  const size = clusterSize(palette, cluster.n)
  const side = size + 14
  return picture(side, side, palette.pixelRatio, (context) => {
    context.translate(side / 2, side / 2)
    disc(context, size / 2 + HALO, palette.mapHalo)
    disc(context, size / 2 - 1, palette.bgPanel)
    drawShares(context, palette, cluster, size / 2 - 2.5)
    context.fillStyle = palette.text1
    context.font = `600 ${Math.round(size * (cluster.n > 999 ? 0.3 : 0.38))}px ${palette.fontUi}`
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.fillText(String(cluster.n), 0, size * 0.02)
    if (cluster.s1 > 0) {
      context.translate(size * 0.36, -size * 0.36)
      drawMark(context, palette, 1, 'alert', size * 0.3)
    }
  })
}

function disc(context, radius, colour) {
  context.beginPath()
  context.arc(0, 0, radius, 0, 2 * Math.PI)
  context.fillStyle = colour
  context.fill()
}

function drawShares(context, palette, cluster, radius) {
  context.lineWidth = palette.wall ? 5 : 3.5
  let from = -Math.PI / 2
  const parts = [1, 2, 3, 4].filter((severity) => cluster[`s${severity}`] > 0)
  const gap = parts.length > 1 ? 1.5 / radius : 0
  for (const severity of parts) {
    // A life at risk is seen even when it is one of many.
    const share = Math.max(cluster[`s${severity}`] / cluster.n, 0.03)
    const to = from + share * 2 * Math.PI
    context.beginPath()
    context.arc(0, 0, radius, from + gap / 2, to - gap / 2)
    context.strokeStyle = palette[`sev${severity}`]
    context.stroke()
    from = to
  }
}

/** Small plates on the map that bear two lines, such as a grid's name and its households. */
import { keepsake, picture, textWidth } from '../shared/map/canvas.js'

const kept = keepsake(400)

/**
 * @param {import('../shared/map/palette.js').Palette} palette
 * @param {string[]} lines  the first is strong
 * @param {boolean} chosen  with the accent around it
 * @returns {HTMLCanvasElement}
 */
export function plate(palette, lines, chosen) {
  const { fontPx, fontUi, pixelRatio } = palette
  const fonts = [`600 ${fontPx}px ${fontUi}`, `400 ${fontPx * 0.94}px ${fontUi}`]
  const key = [...lines, chosen, palette.accent, palette.bgApp, fontPx, pixelRatio].join('|')
  return kept(key, () => {
    const width = Math.max(...lines.map((line, at) => textWidth(fonts[at], line))) + 22
    const height = fontPx * 1.4 * lines.length + 10
    return picture(width + 2, height + 2, pixelRatio, (context) => {
      context.beginPath()
      context.roundRect(1, 1, width, height, 4)
      context.fillStyle = palette.bgApp
      context.globalAlpha = 0.94
      context.fill()
      context.globalAlpha = 1
      context.strokeStyle = chosen ? palette.accent : palette.gridLine
      context.stroke()
      context.textAlign = 'center'
      context.textBaseline = 'middle'
      lines.forEach((line, at) => {
        context.font = fonts[at]
        context.fillStyle = at ? palette.text2 : palette.text1
        context.fillText(line, width / 2 + 1, 6 + fontPx * 1.4 * (at + 0.5))
      })
    })
  })
}

/**
 * Two lines on the bare map, each with a halo: a name and what is counted there.
 * @param {import('../shared/map/palette.js').Palette} palette
 * @param {string} name
 * @param {string|null} count
 * @param {string} colour  of the name
 * @returns {HTMLCanvasElement}
 */
export function twoLines(palette, name, count, colour) {
  const { fontPx, fontUi, pixelRatio, mapHalo, mapLabel } = palette
  const lines = [{ text: name, font: `600 ${fontPx}px ${fontUi}`, colour }, { text: count, font: `400 ${fontPx * 0.92}px ${fontUi}`, colour: mapLabel }].filter(({ text }) => text)
  return kept(['bare', name, count, colour, mapHalo, fontPx, pixelRatio].join('|'), () => {
    const width = Math.max(...lines.map(({ font, text }) => textWidth(font, text))) + 6
    const height = fontPx * 1.25 * lines.length + 4
    return picture(width, height, pixelRatio, (context) => {
      context.textAlign = 'center'
      context.textBaseline = 'middle'
      context.lineJoin = 'round'
      context.strokeStyle = mapHalo
      context.lineWidth = 3.4
      for (const put of ['strokeText', 'fillText']) {
        lines.forEach(({ text, font, colour: ink }, at) => {
          context.font = font
          context.fillStyle = ink
          context[put](text, width / 2, 2 + fontPx * 1.25 * (at + 0.5))
        })
      }
    })
  })
}

/**
 * Whatever a person cannot read or reach on this page: wider than the screen, cut off, over its neighbour, covered.
 * @returns {string[]} a line each
 */
() => {
  const found = []
  const name = (e) => `${e.tagName.toLowerCase()}${e.id ? '#' + e.id : ''}.${String(e.className.baseVal ?? e.className).split(' ').join('.')} "${(e.textContent || e.getAttribute('aria-label') || '').trim().slice(0, 30)}"`
  const root = document.documentElement
  if (root.scrollWidth > innerWidth + 1) found.push(`WIDE page ${root.scrollWidth} of ${innerWidth}`)
  for (const e of document.querySelectorAll('body *')) {
    if (!e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const style = getComputedStyle(e)
    const text = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())
    if (text && !(e instanceof SVGElement)) {
      if (['hidden', 'clip'].includes(style.overflowY) && e.scrollHeight > e.clientHeight + 2 && e.clientHeight > 1 && style.textOverflow !== 'ellipsis') found.push(`CUT-Y ${name(e)} ${e.scrollHeight}/${e.clientHeight}`)
      if (['hidden', 'clip'].includes(style.overflowX) && e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 1 && style.textOverflow !== 'ellipsis') found.push(`CUT-X ${name(e)} ${e.scrollWidth}/${e.clientWidth}`)
      if (e.scrollWidth > e.clientWidth + 3 && style.overflowX === 'visible' && style.display !== 'inline' && e.clientWidth > 0) found.push(`OVER-X ${name(e)} ${e.scrollWidth}/${e.clientWidth}`)
    }
  }
  for (const e of document.querySelectorAll('a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select, textarea, summary, [tabindex="0"]')) {
    if (!e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
    const was = e.getBoundingClientRect()
    if (e.classList.contains('sr-only') || was.width <= 1 || was.height <= 1) continue
    e.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' })
    const box = e.getBoundingClientRect()
    const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1), y = Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1)
    if (box.right < 1 || box.left > innerWidth - 1 || box.bottom < 1 || box.top > innerHeight - 1) { found.push(`AWAY ${name(e)} ${[box.left, box.top, box.right, box.bottom].map(Math.round)}`); continue }
    const top = document.elementFromPoint(x, y)
    if (!top || !(top === e || e.contains(top) || top.contains(e) || (e.labels && [...e.labels].some((l) => l === top || l.contains(top))))) found.push(`COVERED ${name(e)} by ${top ? name(top) : 'nothing'}`)
  }
  return found
}

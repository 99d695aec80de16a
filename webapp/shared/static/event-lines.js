/**
 * Read server-sent events from text as it comes in pieces (WHATWG HTML, "Server-sent events").
 * @param {(event: { id: string, kind: string, data: string }) => void} onEvent
 * @returns {(piece: string) => void} take
 */
export function eventReader(onEvent) {
  let rest = ''
  let id = ''
  let kind = ''
  let data = []

  const takeLine = (line) => {
    if (line === '') {
      if (kind || data.length) onEvent({ id, kind: kind || 'message', data: data.join('\n') })
      kind = ''
      data = []
      return
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon) // empty for a comment
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'id') id = value
    else if (field === 'event') kind = value
    else if (field === 'data') data.push(value)
  }

  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()
    lines.forEach(takeLine)
  }
}

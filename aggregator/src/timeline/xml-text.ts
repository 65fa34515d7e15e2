/** Text that others wrote, made fit for a picture: escaped, and broken into lines. */

/** What XML 1.0 can't hold even escaped: most control characters, halves of surrogate pairs, U+FFFE, U+FFFF. */
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** `text` for an XML element or attribute; what XML can't hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(NOT_XML, '\u{FFFD}')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

/** `text` cut to a width, with an ellipsis in place of what is left out. For the width, see `widthOf`. */
export function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  const kept: string[] = []
  for (const character of text) {
    if (widthOf([...kept, character].join('')) > width - 1) break
    kept.push(character)
  }
  return `${kept.join('')}…`
}

/**
 * Lines of at most `width` (3 or more), broken at spaces, or within a word that is wider than a line. French puts a
 * space before `:` and `;`: no line begins with them.
 */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .split(/ (?![:;%])/)) {
    if (line !== '' && widthOf(`${line} ${word}`) > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
    while (widthOf(line) > width) {
      const head = shorten(line, width).slice(0, -1)
      lines.push(head)
      line = line.slice(head.length)
    }
  }
  return line === '' ? lines : [...lines, line]
}

/** About how wide a text is, in ordinary small letters: nothing here can measure a typeface. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text) {
    if (/[-iljt.,:;' ]/.test(character)) width += 0.7
    else if (/[mw@\p{Lu}]/u.test(character)) width += 1.5
    else width += character >= '\u{1100}' ? 2 : 1
  }
  return width
}

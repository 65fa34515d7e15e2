import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeXml, shorten, wrapText } from './xml-text.ts'

test.each([
  ['a<b>&"\'', 'a&lt;b&gt;&amp;&quot;&#39;'],
  ['\0\u{B}\uFFFE', '\uFFFD\uFFFD\uFFFD'],
  ['half \uD83D, whole 😀', 'half \uFFFD, whole 😀'],
  ['tab\tand\nline', 'tab\tand\nline'],
])('%j is escaped', (text, escaped) => {
  expect(escapeXml(text)).toBe(escaped)
})

test.each([
  ['abcde', 5, 'abcde'],
  ['abcdef', 5, 'abcd…'],
  ['ABCD', 5, 'AB…'],
  ['😀😀😀', 5, '😀😀…'],
])('%s cut to %i is %s', (text, width, short) => {
  expect(shorten(text, width)).toBe(short)
})

describe('lines', () => {
  test.each([
    ['', 10, []],
    ['one two', 10, ['one two']],
    ['one two three', 8, ['one two', 'three']],
    ['abcdefghabcd', 5, ['abcd', 'efgh', 'abcd']],
    ['douze sous : un', 10, ['douze', 'sous : un']],
    ['a  b\n c', 10, ['a b c']],
  ])('of %j in %i', (text, width, lines) => {
    expect(wrapText(text, width)).toEqual(lines)
  })

  test('lose nothing but spaces', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 4, max: 40 }),
        (text, width) => {
          const bare = (each: string) => each.replaceAll(/\s/g, '')
          expect(bare(wrapText(text, width).join(''))).toBe(bare(text))
        },
      ),
    )
  })
})

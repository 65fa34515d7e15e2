import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareKeys } from './key-order.ts'

test.each([
  ['a', 'b', -1],
  ['a', 'a', 0],
  ['B', 'a', -1],
  ['a', 'ab', -1],
  ['a-b', 'a/b', -1],
  ['a/b', 'a0b', -1],
  ['z', 'é', -1],
  ['\u{ffe5}', '\u{1f600}', -1],
  ['\u{1f600}', '\u{1f601}', -1],
])('%s and %s', (a, b, order) => {
  expect(Math.sign(compareKeys(a, b))).toBe(order)
  expect(Math.sign(compareKeys(b, a))).toBe(order === 0 ? 0 : -order)
})

test('is the order of the UTF-8 bytes', () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, text, (a, b) => {
      const byBytes = Buffer.compare(Buffer.from(a), Buffer.from(b))
      expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(byBytes))
    }),
  )
})

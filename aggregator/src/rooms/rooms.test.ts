import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EMPTY_BOOK, includesBook, mergeBooks, type RoomBook, roomBookSchema } from './rooms.ts'

const name = fc.constantFrom('a', 'b', 'c')
const accepted = fc.uniqueArray(
  fc.record({
    location: name,
    by: fc.constantFrom('Ana', 'Bob'),
    at: fc.constantFrom('2026-11-22T10:00:00.000Z', '2026-11-22T10:00:01.000Z'),
  }),
  { selector: ({ location }) => location },
)
const begun = fc.option(fc.uniqueArray(name), { nil: undefined })
const book = fc
  .record({ begun, accepted })
  .map((drawn): RoomBook => mergeBooks({ ...drawn, begun: drawn.begun?.sort() }, EMPTY_BOOK))

test('books merge in any order, twice, and lose nothing', () => {
  fc.assert(
    fc.property(book, book, (a, b) => {
      const both = mergeBooks(a, b)
      expect(mergeBooks(b, a)).toEqual(both)
      expect(mergeBooks(both, a)).toEqual(both)
      expect([includesBook(both, a), includesBook(both, b)]).toEqual([true, true])
    }),
  )
})

test('a book that knows less does not include one that knows more', () => {
  const at = '2026-11-22T10:00:00.000Z'
  const more: RoomBook = { begun: ['a'], accepted: [{ location: 'b', by: 'Ana', at }] }
  expect(includesBook({ ...more, begun: undefined }, more)).toBe(false)
  expect(includesBook({ ...more, begun: [] }, more)).toBe(false)
  expect(includesBook({ ...more, accepted: [] }, more)).toBe(false)
  expect(includesBook(more, EMPTY_BOOK)).toBe(true)
})

test.each(['B', 'a/b', '', 'a'.repeat(65)])('%j is no room to be kept', (location) => {
  expect(roomBookSchema.safeParse({ version: 1, begun: [location], accepted: [] }).success).toBe(
    false,
  )
})

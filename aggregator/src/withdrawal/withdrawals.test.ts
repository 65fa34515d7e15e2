/** Withdrawals as facts that are only ever added: merged in any order, read again as they were written. */
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ended,
  includesWithdrawals,
  MOST_FACTS,
  MOST_LETTERS,
  mergeWithdrawals,
  NOTHING_WITHDRAWN,
  standing,
  type Withdrawals,
} from './withdrawals.ts'
import { decodeWithdrawals, encodeWithdrawals, WithdrawnError } from './withdrawn-codec.ts'

const said = (id: string) => ({ id, at: '2026-11-21T09:00:00.000Z', by: 'Paul', because: 'forged' })
const one = (id: string) => ({ ...said(id), location: 'lab', from: 29_000_000, to: 29_000_060 })
const back = (id: string, restores: string) => ({ ...said(id), restores })

const facts: fc.Arbitrary<Withdrawals> = fc.record({
  withdrawn: fc
    .uniqueArray(fc.constantFrom('a', 'b', 'c'))
    .map((ids) => ids.map((id) => ({ ...one(id), probe: `probe-${id}` }))),
  restored: fc
    .uniqueArray(fc.constantFrom('r1 a', 'r2 a', 'r3 b'))
    .map((texts) => texts.map((text) => back(text, text.slice(3)))),
})

describe('merging', () => {
  test('the order does not matter, nothing is lost, once more changes nothing', () => {
    fc.assert(
      fc.property(facts, facts, facts, (a, b, c) => {
        const all = mergeWithdrawals(mergeWithdrawals(a, b), c)
        expect(mergeWithdrawals(c, mergeWithdrawals(b, a))).toEqual(all)
        expect(mergeWithdrawals(all, b)).toEqual(all)
        for (const part of [a, b, c]) expect(includesWithdrawals(all, part)).toBe(true)
      }),
    )
  })

  test('whichever is merged first, what was restored does not stand', () => {
    const withdrawn = { ...NOTHING_WITHDRAWN, withdrawn: [one('a'), one('b')] }
    const restored = { ...NOTHING_WITHDRAWN, restored: [back('r', 'a')] }
    const merged = mergeWithdrawals(restored, withdrawn)
    expect(standing(merged).map(({ id }) => id)).toEqual(['b'])
    expect(ended(merged)).toMatchObject([{ withdrawal: { id: 'a' }, restoration: { id: 'r' } }])
    expect(includesWithdrawals(withdrawn, restored)).toBe(false)
  })
})

describe('the stored object', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(facts, (value) => {
        expect(decodeWithdrawals(encodeWithdrawals(value))).toEqual(value)
      }),
    )
  })

  const json = (change: object) => ({ version: 1, withdrawn: [], restored: [], ...change })
  const stored = { ...one('a'), from: '2026-11-21T09:00:00.000Z', to: '2026-11-21T10:00:00.000Z' }

  test.each<[string, unknown, string]>([
    ['another version', { version: 2 }, 'it has version 2'],
    ['no object', 'text', 'Restore it from a copy'],
    ['a list missing', { version: 1, withdrawn: [] }, 'restored'],
    ['a folder as a location', json({ withdrawn: [{ ...stored, location: 'a/b' }] }), 'location'],
    [
      'an end before the beginning',
      json({ withdrawn: [{ ...stored, to: stored.from }] }),
      'withdrawn.0',
    ],
    [
      'half a minute',
      json({ withdrawn: [{ ...stored, from: '2026-11-21T09:00:30.000Z' }] }),
      'from',
    ],
    ['no reason', json({ withdrawn: [{ ...stored, because: '' }] }), 'because'],
    [
      'a reason too long',
      json({ withdrawn: [{ ...stored, because: 'x'.repeat(MOST_LETTERS + 1) }] }),
      'because',
    ],
  ])('%s is refused', (_, value, message) => {
    const bytes = gzipSync(JSON.stringify(value))
    expect(() => decodeWithdrawals(bytes)).toThrow(WithdrawnError)
    expect(() => decodeWithdrawals(bytes)).toThrow(message)
  })

  test('as many facts as can be read can be written, and no more', () => {
    const withdrawn = Array.from({ length: MOST_FACTS - 1 }, (_, id) => one(String(id)))
    const full = { withdrawn, restored: [back('r', '0')] }
    expect(decodeWithdrawals(encodeWithdrawals(full))).toEqual(full)
    const over = { ...full, restored: [...full.restored, back('s', '1')] }
    expect(() => encodeWithdrawals(over)).toThrow(WithdrawnError)
  })
})

import type { LocalDay, Mac } from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_RULE } from '../domain/rule.ts'
import {
  closingIn,
  type DayLedger,
  emptyLedger,
  entriesOf,
  hasSameCoverage,
  includesLedger,
  type LedgerEntry,
  lastPostIn,
  mergeLedgers,
} from './ledger.ts'
import { decodeLedger, encodeLedger, formatLedgerKey, LedgerError } from './ledger-codec.ts'

const day = '2026-11-20' as LocalDay
const key = formatLedgerKey(day)

const entry: fc.Arbitrary<LedgerEntry> = fc.record({
  run: fc.record({
    id: fc.constantFrom('r1', 'r2', 'r3'),
    kind: fc.constantFrom('nightly' as const, 'replay' as const),
    by: fc.constant('cli'),
  }),
  email: fc.constantFrom('ana@example.org', 'bob@example.org', 'Zoë@example.org'),
  at: fc.constantFrom('2026-11-20T21:15:00.000Z', '2026-11-21T21:15:00.000Z'),
  computed: fc.constantFrom(0 as const, 0.5 as const, 1 as const),
  decision: fc.constant('post' as const),
  reason: fc.string(),
  outcome: fc.constantFrom(
    'intended' as const,
    'posted' as const,
    'refused' as const,
    'unknown' as const,
  ),
  evidence: fc.constant({
    slots: [48, 49],
    devices: [
      {
        mac: 'AA:BB:CC:DD:EE:FF' as Mac,
        location: 'a',
        minutes: 3,
        slots: [48],
        source: 'map' as const,
      },
    ],
    rule: DEFAULT_RULE,
  }),
})

const ledger: fc.Arbitrary<DayLedger> = fc
  .record({
    entries: fc.array(entry, { maxLength: 8 }),
    incomplete: fc.subarray(['a', 'b']),
    lookedAt: fc.constantFrom('', '2026-11-20T21:15:00.000Z', '2026-11-21T21:15:00.000Z'),
    coverage: fc.array(
      fc.record({
        location: fc.constantFrom('a', 'b'),
        lookedMinutes: fc.option(fc.nat(840), { nil: undefined }),
        openMinutes: fc.constant(840),
      }),
      { maxLength: 2 },
    ),
  })
  .map((made) => mergeLedgers(emptyLedger(day), { day, ...made }))

test('merging loses nothing, in any order, any number of times', () => {
  fc.assert(
    fc.property(ledger, ledger, ledger, (a, b, c) => {
      const merged = mergeLedgers(mergeLedgers(a, b), c)
      expect(mergeLedgers(a, mergeLedgers(c, mergeLedgers(b, a)))).toEqual(merged)
      for (const part of [a, b, c]) expect(includesLedger(merged, part)).toBe(true)
    }),
  )
})

describe('how a day was looked at', () => {
  const looked = (
    lookedAt: string,
    lookedMinutes: number | undefined,
    incomplete: string[] = [],
  ) => ({
    ...emptyLedger(day),
    lookedAt,
    coverage: [{ location: 'a', lookedMinutes, openMinutes: 840 }],
    incomplete,
  })

  test.each([
    [
      'the later look counts',
      looked('2026-11-20T21:15:00.000Z', 1),
      looked('2026-11-21T21:15:00.000Z', 2),
    ],
    ['a look counts for more than none', emptyLedger(day), looked('2026-11-20T21:15:00.000Z', 2)],
  ])('%s, in whatever order two are merged', (_, earlier, later) => {
    expect(mergeLedgers(earlier, later)).toEqual(later)
    expect(mergeLedgers(later, earlier)).toEqual(later)
  })

  test.each([
    ['an equal one', looked('1', 500, ['a']), true],
    ['whenever it was', looked('2', 500, ['a']), true],
    ['another minute', looked('1', 501, ['a']), false],
    ['unknown minutes', looked('1', undefined, ['a']), false],
    ['another location', { ...looked('1', 500, ['a']), coverage: [] }, false],
    ['a day that is whole', looked('1', 500), false],
  ])('says the same as %s: %s', (_, other, isSame) => {
    expect(hasSameCoverage(looked('1', 500, ['a']), other)).toBe(isSame)
  })
})

test('an empty ledger has nothing, and was not looked at', () => {
  expect(emptyLedger(day)).toEqual({ day, entries: [], coverage: [], incomplete: [], lookedAt: '' })
})

test('encode and decode are a pair', () => {
  fc.assert(
    fc.property(ledger, (made) => {
      expect(decodeLedger(encodeLedger(made), key)).toEqual(made)
    }),
  )
})

describe('lastPostIn', () => {
  const [made] = fc.sample(entry, { numRuns: 1, seed: 1 }) as [LedgerEntry]
  const post = (computed: 0 | 0.5 | 1, outcome: LedgerEntry['outcome']): LedgerEntry => ({
    ...made,
    computed,
    ...(outcome && { outcome }),
  })
  test.each<[string, LedgerEntry[], number | undefined, boolean | undefined]>([
    ['none', [], undefined, undefined],
    ['one that was stored', [post(1, 'posted')], 1, true],
    ['a refused one was not stored', [post(0.5, 'posted'), post(1, 'refused')], 0.5, true],
    ['a lost answer', [post(0.5, 'posted'), post(1, 'unknown')], 1, false],
    ['a run that was killed', [post(1, 'intended')], 1, false],
    ['holds and skips are no posts', [post(1, 'posted'), { ...made, decision: 'hold' }], 1, true],
  ])('%s', (_, entries, amount, isCertain) => {
    const cleaned = entries.map(({ outcome, ...rest }) =>
      rest.decision === 'post' && outcome ? { ...rest, outcome } : rest,
    )
    const last = lastPostIn(cleaned)
    expect(last?.entry.computed).toBe(amount)
    expect(last?.isCertain).toBe(isCertain)
  })
})

describe('what a person says of a day', () => {
  const [early, late] = ['2026-11-20T21:15:00.000Z', '2026-11-21T21:15:00.000Z'] as const
  const said = (decision: LedgerEntry['decision'], at: string): LedgerEntry => ({
    run: { id: `${at} ${decision}`, kind: 'close', by: 'Ana' },
    email: 'ana@example.org',
    at,
    computed: 0.5,
    decision,
    reason: 'she was not there',
    evidence: { slots: [], devices: [], rule: DEFAULT_RULE },
  })
  const of = (...entries: LedgerEntry[]): DayLedger => ({ ...emptyLedger(day), entries })

  test.each<[string, LedgerEntry[], LedgerEntry[], LedgerEntry | undefined]>([
    ['nothing', [], [said('hold', early)], undefined],
    ['closed', [said('close', early)], [], said('close', early)],
    ['closed before a run', [said('close', early)], [said('post', late)], said('close', early)],
    ['closed after one', [said('close', late)], [said('post', early)], said('close', late)],
    ['reopened', [said('close', early)], [said('reopen', late)], undefined],
    ['closed again', [said('close', late)], [said('reopen', early)], said('close', late)],
  ])('%s: the last one stands, whoever wrote first', (_, one, other, closing) => {
    expect(closingIn(mergeLedgers(of(...one), of(...other)).entries)).toEqual(closing)
    expect(closingIn(mergeLedgers(of(...other), of(...one)).entries)).toEqual(closing)
  })

  test('a run that did not know of it has less', () => {
    expect(includesLedger(of(said('post', late)), of(said('close', early)))).toBe(false)
  })

  test('is read as it was written', () => {
    const ledger = of(said('close', early), said('reopen', late))
    expect(decodeLedger(encodeLedger(ledger), key)).toEqual(ledger)
  })
})

test("a member's entries are those of whoever has the e-mail now", () => {
  const [one, two] = fc.sample(entry, { numRuns: 2, seed: 3 }) as [LedgerEntry, LedgerEntry]
  const entries = [
    { ...one, email: 'old@x' },
    { ...two, email: 'new@x' },
  ]
  const made = { ...emptyLedger(day), entries }
  expect(entriesOf(made, 'new@x', () => 'new@x')).toHaveLength(2)
  expect(entriesOf(made, 'new@x', ({ email }) => email)).toHaveLength(1)
})

test.each([
  ['by name', { value: 0.5, comment: 'left at noon', author: 'Paul' }],
  ['by a key without a name', { value: 2, comment: '', author: undefined }],
])('what a person set %s is read back', (_, person) => {
  const [made] = fc.sample(entry, { numRuns: 1, seed: 1 }) as [LedgerEntry]
  const stored = { ...emptyLedger(day), entries: [{ ...made, person }] }
  expect(decodeLedger(encodeLedger(stored), key)).toEqual(stored)
})

describe('decodeLedger refuses', () => {
  test.each([
    ['what is not gzip', Buffer.from('{}'), 'incorrect header check'],
    [
      'another version',
      encodeLedger({ ...emptyLedger(day), version: 2 } as never),
      'it has version 2, this program knows 1',
    ],
    ['another day', encodeLedger(emptyLedger('2026-11-21' as LocalDay)), 'it is of another day'],
    [
      'an entry without e-mail',
      encodeLedger({ ...emptyLedger(day), entries: [{}] } as never),
      'entries.0',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeLedger(bytes, key)).toThrow(LedgerError)
    expect(() => decodeLedger(bytes, key)).toThrow(message)
  })
})

test.each([
  ['in case', 'zoe@example.org', 'Zoe@example.org'],
  ['in their Unicode form', 'zo\u00eb@example.org', 'zoe\u0308@example.org'],
  ['in a space', 'zoe@example.org', 'zoe@example.org '],
])('what one run decided for two e-mails that differ %s alone are two entries', (_, one, other) => {
  const decided = (email: string): LedgerEntry => ({
    run: { id: 'r1', kind: 'nightly', by: 'timer' },
    email,
    at: '2026-11-20T21:15:00.000Z',
    computed: 1,
    decision: 'post',
    reason: 'first charge',
    evidence: { slots: [], devices: [], rule: DEFAULT_RULE },
  })
  const [a, b] = [one, other].map((email) => ({ ...emptyLedger(day), entries: [decided(email)] }))
  const merged = mergeLedgers(a ?? emptyLedger(day), b ?? emptyLedger(day))
  expect(merged.entries.map(({ email }) => email).sort()).toEqual([one, other].sort())
})

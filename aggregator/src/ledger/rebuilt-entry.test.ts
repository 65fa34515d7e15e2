import { expect, test } from 'vitest'
import { DEFAULT_RULE } from '../domain/rule.ts'
import type { LedgerEntry } from './ledger.ts'
import { rebuiltEntry } from './rebuilt-entry.ts'

const RUN = { id: 'r', kind: 'rebuild', by: 'ana on box' } as const
const AT = '2026-11-20T21:15:00.000Z'
const NONE = { slots: [], devices: [], rule: DEFAULT_RULE }
const PERSON = { value: 0, comment: 'ill', author: undefined }

const entry = (more: Partial<LedgerEntry>): LedgerEntry => ({
  run: { id: 'n', kind: 'nightly', by: 'timer' },
  email: 'ana@example.org',
  at: AT,
  computed: 0.5,
  decision: 'post',
  reason: '',
  outcome: 'posted',
  evidence: NONE,
  ...more,
})
const hold = entry({ decision: 'hold' })
const { outcome: _, ...HELD } = hold

test.each([
  ['nothing stored', 0, undefined, [], 'known'],
  ['what no ledger knows', 0.5, undefined, [], ['post', 0.5]],
  ['a whole ticket', 1, undefined, [], ['post', 1]],
  ['what the ledger posted', 0.5, undefined, [entry({})], 'known'],
  ['more than an old copy posted', 1, undefined, [entry({})], ['post', 1]],
  ['less than the ledger posted', 0.5, undefined, [entry({ computed: 1 })], 'known'],
  ['what the ledger only held', 0.5, undefined, [HELD], ['post', 0.5]],
  ['what was refused', 0.5, undefined, [entry({ outcome: 'refused' })], ['post', 0.5]],
  ['what no post of ours can have been', 2, undefined, [], 'unexplained'],
  ["a person's value", 0.5, { ...PERSON, value: 0.5 }, [], ['hold', 0.5]],
  ["a person's value of any size", 2, { ...PERSON, value: 2 }, [], ['hold', 0]],
  ['a day that a person emptied', 0, PERSON, [], ['hold', 0]],
  ["a person's value that the ledger knows", 0, PERSON, [{ ...HELD, person: PERSON }], 'known'],
  ['what a person set, by the ledger alone', 1, undefined, [{ ...HELD, person: PERSON }], 'known'],
  ['a closed day', 1, undefined, [entry({ decision: 'close' })], 'known'],
] as const)('%s', (_, stored, person, history, expected) => {
  const about = { email: 'ana@example.org', id: '7', stored, person }
  const made = rebuiltEntry(about, history, { run: RUN, at: AT, rule: DEFAULT_RULE })
  if (typeof expected === 'string') return expect(made).toBe(expected)
  const [decision, computed] = expected
  expect(made).toMatchObject({ decision, computed, run: RUN, at: AT, member: '7', evidence: NONE })
  expect(made).toMatchObject(decision === 'post' ? { outcome: 'posted' } : { person })
})

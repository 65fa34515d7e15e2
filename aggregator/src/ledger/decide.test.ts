import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Decided, decide, type LastPosted, type LowerCause, type Situation } from './decide.ts'

const ledger = (amount: number, isCertain = true): LastPosted => ({
  amount,
  from: 'ledger',
  isCertain,
})
const server = (amount: number): LastPosted => ({ amount, from: 'server', isCertain: true })
const paul = { value: 0.5, comment: 'left at noon', author: 'Paul' }

const base: Situation = {
  computed: 1,
  slots: 31,
  last: 'none',
  closed: undefined,
  person: undefined,
  stored: 0,
  isAuditRead: true,
  isOld: false,
  lowerCause: 'unknown',
  owed: undefined,
  allowLower: false,
}

describe('decide', () => {
  test.each<[string, Partial<Situation>, string, string]>([
    // first, same, higher
    ['first charge', {}, 'post', 'first charge: 31 slots'],
    ['first charge of an old day', { isOld: true }, 'post', 'first charge: 31 slots'],
    ['nothing to charge', { computed: 0, slots: 2 }, 'skip', '2 slots: nothing to charge'],
    ['nothing to charge, one slot', { computed: 0, slots: 1 }, 'skip', '1 slot: nothing to charge'],
    ['same as last posted', { last: ledger(1) }, 'skip', 'already so'],
    [
      'higher than last posted',
      { last: ledger(0.5) },
      'post',
      'more than the 0.5 charged before: 31 slots',
    ],
    [
      'higher than a day deleted before',
      { last: ledger(0) },
      'post',
      'more than the 0 charged before: 31 slots',
    ],
    [
      'same, but its answer was lost',
      { last: ledger(1, false) },
      'post',
      'sent again: the answer to the last post was lost',
    ],
    [
      'higher, and the last answer was lost',
      { last: ledger(0.5, false) },
      'post',
      'more than the 0.5 sent before without an answer: 31 slots',
    ],
    // never charged, and what it was for is lost
    [
      'nothing left of what was to be charged',
      { computed: 0, slots: 0, owed: 1 },
      'hold',
      '1.0 was to be charged and never was, evidence says 0 now: there is less data than then',
    ],
    [
      'as much left as was charged',
      { computed: 0.5, last: ledger(0.5), owed: 1 },
      'hold',
      '1.0 was to be charged and never was, evidence says 0.5 now',
    ],
    ['a part left', { computed: 0.5, slots: 3, owed: 1 }, 'post', 'first charge: 3 slots'],
    [
      'more left than was charged',
      { computed: 0.5, slots: 3, last: ledger(0), owed: 1 },
      'post',
      'more than the 0 charged before: 3 slots',
    ],
    [
      'as much left as was sent without an answer',
      { computed: 0.5, last: ledger(0.5, false), owed: 1 },
      'post',
      'sent again',
    ],
    [
      'nothing left, and a person may have set it',
      { computed: 0, isAuditRead: false, isOld: true, owed: 1 },
      'hold',
      "the audit trail can't be read",
    ],
    // charged before there was a ledger
    [
      'same as the server had',
      { last: server(1) },
      'skip',
      'already so: the ticket server has it from elsewhere',
    ],
    [
      'higher than the server had',
      { last: server(0.5), computed: 1 },
      'post',
      'more than the 0.5 charged before',
    ],
    [
      'lower than the server had',
      { last: server(1), computed: 0.5, allowLower: true },
      'hold',
      'what it was charged for is not known',
    ],
    [
      "the server's value can't be read",
      { last: 'unreadable' },
      'hold',
      "can't be read: nothing is written over it",
    ],
    // lower
    [
      'lower, less data',
      { computed: 0.5, last: ledger(1), lowerCause: 'less data' },
      'hold',
      'evidence says 0.5, 1.0 was charged: there is less data now',
    ],
    [
      'lower, less data, allowed',
      { computed: 0.5, last: ledger(1), lowerCause: 'less data', allowLower: true },
      'hold',
      'never lowered for that',
    ],
    [
      'lower, not all of the day was read, allowed',
      { computed: 0.5, last: ledger(1), lowerCause: 'not all read', allowLower: true },
      'skip',
      'evidence says 0.5, 1.0 was charged, but not all of the day could be read: it stays',
    ],
    [
      'lower, unknown cause, allowed',
      { computed: 0.5, last: ledger(1), allowLower: true },
      'hold',
      'what it was charged for is not known',
    ],
    [
      'lower, device moved',
      { computed: 0.5, last: ledger(1), lowerCause: 'a device is not theirs' },
      'hold',
      'to lower it, run again with --allow-lower',
    ],
    [
      'lower, device moved, allowed',
      { computed: 0.5, last: ledger(1), lowerCause: 'a device is not theirs', allowLower: true },
      'post',
      'lowered, as allowed',
    ],
    [
      'lower, rule changed, allowed',
      { computed: 0.5, last: ledger(1), lowerCause: 'the rule changed', allowLower: true },
      'post',
      'lowered, as allowed',
    ],
    [
      'lower, evidence withdrawn',
      {
        computed: 0,
        last: ledger(1),
        lowerCause: 'evidence was withdrawn',
        withdrawnBecause: 'Ana: forged',
      },
      'hold',
      'evidence says 0, 1.0 was charged: evidence was withdrawn (Ana: forged); to lower it, run again with --allow-lower',
    ],
    [
      'lower, evidence withdrawn, allowed',
      {
        computed: 0,
        last: ledger(1),
        lowerCause: 'evidence was withdrawn',
        withdrawnBecause: 'Ana: forged',
        allowLower: true,
      },
      'post',
      'lowered, as allowed: evidence says 0, 1.0 was charged; evidence was withdrawn (Ana: forged)',
    ],
    [
      'lower for less data beside what was withdrawn, allowed',
      {
        computed: 0,
        last: ledger(1),
        lowerCause: 'less data',
        withdrawnBecause: 'Ana: forged',
        allowLower: true,
      },
      'hold',
      'there is less data now than then',
    ],
    [
      'more, evidence restored',
      { computed: 1, slots: 31, last: ledger(0), restoredBecause: 'Ana: it was hers' },
      'post',
      'more than the 0 charged before: 31 slots; evidence was restored (Ana: it was hers)',
    ],
    [
      'to nothing, less data',
      { computed: 0, last: ledger(0.5), lowerCause: 'less data', allowLower: true },
      'hold',
      'evidence says 0, 0.5 was charged',
    ],
    [
      'to nothing, device moved, allowed',
      { computed: 0, last: ledger(0.5), lowerCause: 'a device is not theirs', allowLower: true },
      'post',
      'lowered, as allowed',
    ],
    [
      'lower than a post whose answer was lost',
      { computed: 0.5, last: ledger(1, false), lowerCause: 'less data' },
      'hold',
      'less data',
    ],
    // a person's correction
    [
      'a person set another value',
      { person: paul, last: ledger(1) },
      'hold',
      'evidence says 1.0, Paul set 0.5: left at noon',
    ],
    ['a person set another value before any charge', { person: paul }, 'hold', 'Paul set 0.5'],
    [
      'a person set the same value',
      { person: { ...paul, value: 1, comment: ' left at noon\n' } },
      'skip',
      'already so: Paul set it (left at noon)',
    ],
    ['a person set an odd value', { person: { ...paul, value: 0.25 } }, 'hold', 'Paul set 0.25'],
    [
      'a person, with a key, without a comment',
      { person: { value: 2, comment: ' ', author: undefined } },
      'hold',
      'a person set 2.0: no comment',
    ],
    [
      'a person deleted the day',
      { person: { ...paul, value: 0 }, last: ledger(1) },
      'hold',
      'Paul set 0: left at noon',
    ],
    [
      'a person set another value, and a post covered it',
      { person: paul, last: ledger(1), stored: 1 },
      'hold',
      'Paul set 0.5 (left at noon), but the ticket server holds 1.0: put it back',
    ],
    [
      'a person set the value that is computed, and the server holds less',
      { person: { ...paul, value: 1 }, stored: 0.5 },
      'hold',
      'Paul set 1.0 (left at noon), but the ticket server holds 0.5',
    ],
    [
      'a person deleted the day, and a post covered it',
      { person: { ...paul, value: 0 }, last: ledger(1), stored: 1 },
      'hold',
      'Paul set 0 (left at noon), but the ticket server holds 1.0',
    ],
    [
      'a person set a value, and what the server holds is not known',
      { person: paul, stored: 'unreadable' },
      'hold',
      "what the ticket server holds can't be read",
    ],
    [
      'a person, whatever is allowed',
      {
        person: paul,
        computed: 0,
        last: ledger(1),
        lowerCause: 'a device is not theirs',
        allowLower: true,
      },
      'hold',
      'Paul set 0.5',
    ],
    // the audit can't be read
    ['audit unreadable, today or yesterday', { isAuditRead: false }, 'post', 'first charge'],
    [
      'audit unreadable, today or yesterday, already so',
      { isAuditRead: false, last: ledger(1) },
      'skip',
      'already so',
    ],
    [
      'audit unreadable, today or yesterday, higher',
      { isAuditRead: false, last: ledger(0.5) },
      'hold',
      "the audit trail can't be read",
    ],
    [
      'audit unreadable, today or yesterday, the server has it from elsewhere',
      { isAuditRead: false, last: server(0.5) },
      'hold',
      "the audit trail can't be read",
    ],
    [
      'audit unreadable, today or yesterday, answer lost',
      { isAuditRead: false, last: ledger(1, false) },
      'hold',
      "the audit trail can't be read",
    ],
    [
      'audit unreadable, older',
      { isAuditRead: false, isOld: true },
      'hold',
      "the audit trail can't be read",
    ],
    [
      'audit unreadable, older, higher',
      { isAuditRead: false, isOld: true, last: ledger(0.5) },
      'hold',
      "the audit trail can't be read",
    ],
    [
      'audit unreadable, older, answer lost',
      { isAuditRead: false, isOld: true, last: ledger(1, false) },
      'hold',
      "the audit trail can't be read",
    ],
    [
      'audit unreadable, older, already so',
      { isAuditRead: false, isOld: true, last: ledger(1) },
      'skip',
      'already so',
    ],
    [
      'audit unreadable, older, nothing to charge',
      { isAuditRead: false, isOld: true, computed: 0, slots: 2 },
      'skip',
      'nothing to charge',
    ],
  ])('%s', (_, change, decision, reason) => {
    // Unless a case says otherwise, the ticket server holds what a person set.
    const decided = decide({ ...base, stored: change.person?.value ?? 0, ...change })
    expect(decided.decision).toBe(decision)
    expect(decided.reason).toContain(reason)
  })
})

test.each<[string, Partial<Situation>, Decided['holdFor']]>([
  ["a person's value", { person: paul, stored: paul.value }, 'person'],
  ["a person's value that a post covered", { person: paul, stored: 1 }, 'covered'],
  ["the server's value can't be read", { last: 'unreadable' }, 'unreadable'],
  ["the audit trail can't be read", { isAuditRead: false, isOld: true }, 'unreadable'],
  ['less data', { computed: 0.5, last: ledger(1), lowerCause: 'less data' }, 'lower'],
  ['not allowed', { computed: 0.5, last: ledger(1), lowerCause: 'the rule changed' }, 'lower'],
  ['nothing', {}, undefined],
])('what it is held for: %s', (_, change, holdFor) => {
  expect(decide({ ...base, ...change }).holdFor).toBe(holdFor)
})

test('what the ledger posted is not said to be from elsewhere', () => {
  expect(decide({ ...base, last: ledger(1) }).reason).toBe('already so')
})

const amount = fc.constantFrom(0 as const, 0.5 as const, 1 as const)
const situation: fc.Arbitrary<Situation> = fc.record({
  computed: amount,
  slots: fc.nat(84),
  last: fc.oneof(
    fc.constantFrom('none' as const, 'unreadable' as const),
    fc.record({
      amount: fc.oneof(amount, fc.constantFrom(0.25, 2)),
      from: fc.constantFrom('ledger' as const, 'server' as const),
      isCertain: fc.boolean(),
    }),
  ),
  closed: fc.option(fc.record({ by: fc.string(), because: fc.string() }), { nil: undefined }),
  person: fc.option(
    fc.record({ value: amount, comment: fc.string(), author: fc.constantFrom('Paul', undefined) }),
    {
      nil: undefined,
    },
  ),
  stored: fc.oneof(amount, fc.constant('unreadable' as const)),
  isAuditRead: fc.boolean(),
  isOld: fc.boolean(),
  owed: fc.option(amount, { nil: undefined }),
  lowerCause: fc.constantFrom<LowerCause>(
    'the rule changed',
    'a device is not theirs',
    'evidence was withdrawn',
    'less data',
    'unknown',
  ),
  allowLower: fc.boolean(),
})

test('what was charged is only lowered when allowed, for a known and legitimate cause', () => {
  fc.assert(
    fc.property(situation, (s) => {
      const { decision } = decide(s)
      const isLower = typeof s.last === 'object' && s.computed < s.last.amount
      if (decision === 'post' && isLower) {
        expect(s.allowLower).toBe(true)
        const legitimate = ['the rule changed', 'a device is not theirs', 'evidence was withdrawn']
        expect(legitimate).toContain(s.lowerCause)
      }
    }),
  )
})

test('while the audit trail is unreadable, only a day of which nobody has anything is charged', () => {
  fc.assert(
    fc.property(situation, (s) => {
      const { decision } = decide({ ...s, isAuditRead: false })
      if (decision === 'post') expect([s.last, s.isOld]).toEqual(['none', false])
    }),
  )
})

test('what a person closed is done, whatever else there is', () => {
  const closed = { by: 'Ana', because: 'she left' }
  fc.assert(
    fc.property(situation, (s) => {
      expect(decide({ ...s, closed })).toEqual({
        decision: 'skip',
        reason: 'closed by Ana: she left',
        isClosed: true,
      })
    }),
  )
})

test("a person's value is never written over, and every decision has a reason", () => {
  fc.assert(
    fc.property(situation, (s) => {
      const { decision, reason } = decide(s)
      if (s.person) expect(decision).not.toBe('post')
      expect(reason.length).toBeGreaterThan(5)
    }),
  )
})

test('a decision for a person claims only what the ticket server holds', () => {
  fc.assert(
    fc.property(situation, (s) => {
      const { decision, holdFor } = decide(s)
      if (s.person && !s.closed && s.stored !== s.person.value) {
        expect(decision).toBe('hold')
        expect(holdFor).toBe(s.stored === 'unreadable' ? 'unreadable' : 'covered')
      }
    }),
  )
})

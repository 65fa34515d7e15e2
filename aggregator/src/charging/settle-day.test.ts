import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalDay } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_RULE } from '../domain/rule.ts'
import type { Decided } from '../ledger/decide.ts'
import { LeaseError, NO_LEASE } from '../ledger/lease.ts'
import {
  type DayLedger,
  type Decision,
  emptyLedger,
  type LedgerEntry,
  type Outcome,
} from '../ledger/ledger.ts'
import { readLedger, writeLedger } from '../ledger/ledger-store.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Store, StoreError } from '../store/store.ts'
import { TicketsError } from '../tickets/tickets.ts'
import type { DayPlan } from './plan-day.ts'
import type { MemberPlan } from './plan-member.ts'
import { DayUnreadable } from './read-day.ts'
import {
  type DaySettled,
  hasFailed,
  isUndone,
  type MemberSettled,
  type SettleDeps,
  settleDay,
} from './settle-day.ts'

const DAY = '2026-11-20' as LocalDay
const EMAILS = ['a@x', 'b@x', 'c@x', 'd@x', 'e@x', 'f@x']

let folder: string
let store: Store

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-'))
  store = createFolderStore(folder)
})
afterEach(() => rm(folder, { recursive: true }))

const member = (email: string): MemberPlan => ({
  email,
  seen: undefined,
  computed: 1,
  last: 'none',
  decided: { decision: 'post', reason: 'first charge: 31 slots' },
  history: [],
  evidence: { slots: [], devices: [], rule: DEFAULT_RULE },
})

const PLAN: DayPlan = {
  day: DAY,
  presences: { day: DAY, members: [], outsideHours: [], unchargeable: [], unknownDevices: 0 },
  refreshed: [],
  members: EMAILS.map(member),
  coverage: [],
  incomplete: [],
  ledger: { value: emptyLedger(DAY), etag: undefined },
  owners: new Map(),
  gone: [],
}

const MARKS: SettleDeps['marks'] = { lost: [], mark: async () => {} }

/** Settles the plan; gives what came of it, the e-mails posted for, and each entry's outcome and answer. */
async function settled(
  renew: () => Promise<void>,
  post: (email: string) => Promise<void>,
  emails: readonly string[] = EMAILS,
  into: Store = store,
  mark = MARKS.mark,
) {
  const posted: string[] = []
  const deps = {
    store: into,
    run: { id: 'run1', kind: 'nightly', by: 'timer' },
    now: () => new Date('2026-11-20T21:15:00Z'),
    lease: { renew, release: async () => {} },
    tickets: {
      postPresence: async ({ email }: { email: string }) => {
        posted.push(email)
        await post(email)
      },
    },
    onFailedPost: async () => {},
    auditAgain: async () => 'no news',
    restoreCorrections: false,
    marks: { ...MARKS, mark },
  } as unknown as SettleDeps
  const plan = { ...PLAN, members: emails.map(member) }
  const result = await settleDay(plan, deps).catch((error: Error) => error)
  const { entries } = (await readLedger(store, DAY)).value
  const lines = entries.map(({ email, outcome, answer }) => `${email} ${outcome}: ${answer}`)
  return { result, posted, lines }
}

describe('what is written down', () => {
  const entry = (decision: Decision, outcome?: Outcome): LedgerEntry => ({
    run: { id: 'run0', kind: 'nightly', by: 'timer' },
    email: 'a@x',
    at: '2026-11-19T21:15:00.000Z',
    computed: 1,
    decision,
    reason: 'a reason',
    ...(outcome && { outcome }),
    evidence: { slots: [], devices: [], rule: DEFAULT_RULE },
  })
  const decided = (decision: Decision, reason = 'a reason', computed: 0 | 1 = 1) => ({
    ...member('a@x'),
    computed,
    decided: { decision, reason },
  })

  /** The entries that this run adds to the ledger of a member with these `before`. */
  async function written(before: readonly LedgerEntry[], now: MemberPlan, incomplete = ['a']) {
    const value: DayLedger = { ...emptyLedger(DAY), entries: before, incomplete: ['a'] }
    const { etag } = await writeLedger(store, { value, etag: undefined })
    const plan = { ...PLAN, members: [{ ...now, history: before }], ledger: { value, etag } }
    const deps = {
      store,
      run: { id: 'run1', kind: 'nightly', by: 'timer' },
      now: () => new Date('2026-11-20T21:15:00Z'),
      lease: NO_LEASE,
      tickets: { postPresence: async () => {} },
      auditAgain: async () => 'no news',
      restoreCorrections: false,
      marks: MARKS,
    } as unknown as SettleDeps
    await settleDay({ ...plan, incomplete }, deps)
    const stored = (await readLedger(store, DAY)).value
    const own = stored.entries.filter(({ run }) => run.id === 'run1')
    return { own: own.map((each) => [each.decision, each.outcome].join(' ')), stored }
  }

  test.each<[string, LedgerEntry[], MemberPlan, string[]]>([
    ['the first decision', [], decided('skip'), ['skip ']],
    ['not the same one again', [entry('skip')], decided('skip'), []],
    ['not the same hold again', [entry('hold')], decided('hold'), []],
    ['a hold for another reason', [entry('hold')], decided('hold', 'another'), ['hold ']],
    ['a hold of another amount', [entry('hold')], decided('hold', 'a reason', 0), ['hold ']],
    ['a hold after a skip', [entry('skip')], decided('hold'), ['hold ']],
    ['not that what was posted is so', [entry('post', 'posted')], decided('skip', 'so'), []],
    ['a skip of what was refused', [entry('post', 'refused')], decided('skip', 'so'), ['skip ']],
    ['a skip of what had no answer', [entry('post', 'unknown')], decided('skip', 'so'), ['skip ']],
    ['a hold after a post', [entry('post', 'posted')], decided('hold'), ['hold ']],
    ['each post', [entry('post', 'posted')], decided('post'), ['post posted']],
  ])('%s', async (_, before, now, entries) => {
    expect((await written(before, now)).own).toEqual(entries)
  })

  test('what a person set, since the trail that tells of it is not read back for ever', async () => {
    const person = { value: 0.5, comment: 'left at noon', author: 'Paul' }
    const { stored } = await written([], { ...decided('hold'), person })
    expect(stored.entries[0]?.person).toEqual(person)
    const { stored: without } = await written([entry('skip')], decided('hold'))
    expect(without.entries.at(-1)).not.toHaveProperty('person')
  })

  test('nothing at all, when nothing changed', async () => {
    const same = await written([entry('skip')], decided('skip'))
    expect(same.stored.lookedAt).toBe('')
  })

  test('that a day is whole now, though nothing is decided anew', async () => {
    const { own, stored } = await written([entry('skip')], decided('skip'), [])
    expect([own, stored.incomplete]).toEqual([[], []])
    expect(stored.lookedAt).toBe('2026-11-20T21:15:00.000Z')
  })
})

test('when the lease can not be renewed nothing more is posted, though posts under way succeed', async () => {
  let renewals = 0
  let begun = 0
  const threeUnderWay = gate()
  const failed = gate()
  const renew = async () => {
    renewals += 1
    if (renewals !== 2) return
    await threeUnderWay.passed
    failed.open()
    throw new StoreError("Can't write jobs/charging.json")
  }
  const { result, posted, lines } = await settled(renew, async () => {
    begun += 1
    if (begun === 3) threeUnderWay.open()
    await failed.passed
  })
  expect(result).toBeInstanceOf(StoreError)
  expect(posted).toEqual(['a@x', 'c@x', 'd@x'])
  expect(lines).toEqual([
    'a@x posted: OK',
    'b@x refused: not tried: this run had to stop; the next run tries again',
    'c@x posted: OK',
    'd@x posted: OK',
    'e@x refused: not tried: this run had to stop; the next run tries again',
    'f@x refused: not tried: this run had to stop; the next run tries again',
  ])
})

test('a post that waits for a lease that is lost is not sent, and is no post without an answer', async () => {
  const renew = async () => {
    throw new LeaseError('Stopped charging: another run may have taken over. Run it again.')
  }
  const { result, posted, lines } = await settled(renew, async () => {})
  expect(result).toBeInstanceOf(LeaseError)
  expect(posted).toEqual([])
  const refused = 'refused: not tried: this run had to stop; the next run tries again'
  expect(lines).toEqual(EMAILS.map((email) => `${email} ${refused}`))
})

test.each([
  ['refused', 'a@x refused: no such member'],
  ['unreachable', 'a@x unknown: no such member'],
] as const)('a post that is %s: %s', async (kind, line) => {
  const { result, lines } = await settled(
    async () => {},
    async (email) => {
      if (email === 'a@x') throw new TicketsError(kind, 'no such member')
    },
  )
  expect(lines.slice(0, 2)).toEqual([line, 'b@x posted: OK'])
  const told = (result as DaySettled).members.map(hasFailed)
  expect(told).toEqual([true, false, false, false, false, false])
})

test('nothing is posted before it is noted that the day has a ledger', async () => {
  const { result, posted, lines } = await settled(
    async () => {},
    async () => {},
    EMAILS,
    store,
    async () => {
      throw new StoreError("Can't write jobs/ledgers.json")
    },
  )
  expect(result).toBeInstanceOf(DayUnreadable)
  expect(posted).toEqual([])
  expect(lines).toHaveLength(EMAILS.length)
})

test('what became of posts that can not be written down is told of its day', async () => {
  let writes = 0
  const full: Store = {
    ...store,
    put: async (...args) => {
      writes += 1
      if (writes > 1) throw new StoreError("Can't write ledger: the disk is full.")
      return store.put(...args)
    },
  }
  const { result, posted } = await settled(
    async () => {},
    async () => {},
    EMAILS,
    full,
  )
  expect(posted).toEqual(EMAILS)
  expect(result).toBeInstanceOf(DayUnreadable)
  expect((result as Error).message).toContain(
    `What was posted for ${DAY} could not be written down, and will be posted again`,
  )
})

test.each<[string, MemberSettled, boolean, boolean]>([
  ['posted', { ...member('a@x'), outcome: 'posted' }, false, false],
  ['refused', { ...member('a@x'), outcome: 'refused' }, true, true],
  ['without an answer', { ...member('a@x'), outcome: 'unknown' }, true, true],
  ['held for what can not be read', heldFor('unreadable'), false, true],
  ['held for a person', heldFor('person'), false, false],
  ['held, as it is lower', heldFor('lower'), false, false],
])('%s: failed %s, undone %s', (_, settledMember, failed, undone) => {
  expect([hasFailed(settledMember), isUndone(settledMember)]).toEqual([failed, undone])
})

test('a post that broke off in an error of the program itself stays intended: it may have arrived', async () => {
  const { result, lines } = await settled(
    async () => {},
    async (email) => {
      if (email === 'a@x') throw new RangeError('a fault')
    },
  )
  expect(result).toEqual(new RangeError('a fault'))
  // What was under way beside it is written down, and nothing more is sent.
  expect(lines.slice(0, 3)).toEqual([
    'a@x intended: undefined',
    'b@x posted: OK',
    'c@x refused: not tried: this run had to stop; the next run tries again',
  ])
})

describe('patience with a ticket server that does not answer', () => {
  const many = Array.from({ length: 16 }, (_, index) => `m${String(index).padStart(2, '0')}@x`)
  const failing = (kind: 'refused' | 'unreachable', fails: (index: number) => boolean) =>
    settled(
      async () => {},
      async (email) => {
        if (fails(many.indexOf(email))) throw new TicketsError(kind, 'failed')
      },
      many,
    )

  test('is lost after four posts: the others are not tried', async () => {
    const { posted, lines } = await failing('unreachable', () => true)
    expect(posted).toEqual(many.slice(0, 4))
    const untried = lines.filter((line) => line.includes('refused: not tried: the ticket server'))
    expect(untried).toHaveLength(16 - posted.length)
  })

  test('comes back with each post that is answered', async () => {
    const { posted, lines } = await failing('unreachable', (index) => index % 4 !== 3)
    expect(posted).toEqual(many)
    expect(lines.filter((line) => line.endsWith('posted: OK'))).toHaveLength(4)
  })

  test('is not needed for posts that are refused: that is an answer', async () => {
    const { posted, lines } = await failing('refused', (index) => index < 15)
    expect(posted).toEqual(many)
    expect(lines.at(-1)).toBe('m15@x posted: OK')
  })
})

function gate() {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, passed }
}

function heldFor(holdFor: NonNullable<Decided['holdFor']>): MemberSettled {
  return { ...member('a@x'), decided: { decision: 'hold', reason: 'a reason', holdFor } }
}

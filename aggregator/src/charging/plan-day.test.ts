/** Of one day, whose amount is decided from what: what was seen, the ledger, what people did, what the server has. */
import { addDays, dayWindow, type LocalDay, macFromBits } from '@presences/shared'
import { describe, expect, test } from 'vitest'
import { seen } from '../../testing/raw-files.ts'
import { settleDeps } from '../../testing/settle-deps.ts'
import type { OwnedDevice, Owners, Ownership } from '../domain/ownership.ts'
import { DEFAULT_RULE } from '../domain/rule.ts'
import { emptyLedger, type LedgerEntry } from '../ledger/ledger.ts'
import { emptyRollup } from '../rollup/day-rollup.ts'
import { mergeDayFile, mergeMinuteFile } from '../rollup/raw-object.ts'
import type { AuditTrail, Correction } from '../tickets/tickets.ts'
import { type DayPlan, planFor } from './plan-day.ts'
import type { PlanDeps } from './plan-deps.ts'

const PARIS = 'Europe/Paris'
const TODAY = '2026-11-20' as LocalDay
const DAY = addDays(TODAY, -1)
const [ANA, BOB] = ['ana@x', 'bob@x']
const [PHONE, LAPTOP] = [macFromBits(1), macFromBits(2)]

const memberOwner = (email: string): Ownership => ({ kind: 'member', email, name: email })
const owned = (owner: Ownership, more: Partial<OwnedDevice> = {}): OwnedDevice => ({
  owner,
  source: 'map',
  ...more,
})
const owners = (...devices: [typeof PHONE, OwnedDevice][]): Owners => new Map(devices)
const ANAS = owners([PHONE, owned(memberOwner(ANA))])

const NO_TRAIL: AuditTrail = { corrections: [], devices: [], faults: [] }

const entry = (change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  run: { id: 'run0', kind: 'nightly', by: 'timer' },
  email: ANA,
  at: `${DAY}T21:15:00.000Z`,
  computed: 0.5,
  decision: 'post',
  reason: 'a reason',
  outcome: 'posted',
  evidence: { slots: [48, 49, 50], devices: [], rule: DEFAULT_RULE },
  ...change,
})
const withDevice = (mac: typeof PHONE, change: Partial<LedgerEntry> = {}) =>
  entry({
    ...change,
    evidence: {
      slots: [48, 49, 50],
      devices: [{ mac, location: 'a', minutes: 3, slots: [48, 49, 50], source: 'map' }],
      rule: DEFAULT_RULE,
    },
  })

interface World {
  readonly day?: LocalDay
  /** Slots that each device was seen in, from 08:00 on. */
  readonly slots?: number
  readonly laptopSlots?: number
  readonly owners?: Owners
  readonly entries?: readonly LedgerEntry[]
  /** What the ticket server has for whomever, by day; `down`: it can't be asked. */
  readonly stored?: number | 'down'
  readonly only?: ReadonlySet<string>
  readonly deps?: Partial<PlanDeps>
}

/** The plan of a day, and whom the ticket server was asked about. */
async function planned(world: World): Promise<DayPlan & { readonly asked: readonly string[] }> {
  const { day = DAY, slots = 3, laptopSlots = 0, stored } = world
  const rollup = emptyRollup('a', dayWindow(day, PARIS))
  const text = seen(PHONE, day, 8, slots) + seen(LAPTOP, day, 8, laptopSlots)
  mergeDayFile(rollup, { key: 'k', etag: '1', bytes: Buffer.from(text) })
  const asked: string[] = []
  const deps = settleDeps(TODAY, {
    storedAmounts: async (email) => {
      asked.push(email)
      if (stored === 'down') return undefined
      return new Map(stored === undefined ? [] : [[day, stored]])
    },
    ...world.deps,
  })
  const ledger = { value: { ...emptyLedger(day), entries: world.entries ?? [] }, etag: undefined }
  const refreshed = [{ rollup, fetched: 0, refused: [], unread: [] }]
  const before = { ledger, refreshed } as unknown as DayPlan
  const plan = await planFor(world.owners ?? ANAS, before, deps, world.only)
  return { ...plan, asked }
}

const decisions = ({ members }: DayPlan) =>
  members.map(({ email, computed, decided }) => `${email} ${computed} ${decided.decision}`)

describe('who is decided about', () => {
  test('who was seen, with what they were seen by', async () => {
    const { members } = await planned({ deps: { memberId: (email) => `id of ${email}` } })
    expect(members).toMatchObject([
      {
        email: ANA,
        id: 'id of ana@x',
        computed: 0.5,
        evidence: {
          slots: [48, 49, 50],
          devices: [{ mac: PHONE, location: 'a', minutes: 3, slots: [48, 49, 50], source: 'map' }],
          rule: DEFAULT_RULE,
        },
        history: [],
      },
    ])
    expect(Object.keys(members[0]?.evidence.devices[0] ?? {}).sort()).toEqual([
      'location',
      'mac',
      'minutes',
      'slots',
      'source',
    ])
  })

  test('in the order of their e-mails', async () => {
    const both = owners([PHONE, owned(memberOwner(BOB))], [LAPTOP, owned(memberOwner(ANA))])
    const plan = await planned({ laptopSlots: 30, owners: both })
    expect(decisions(plan)).toEqual([`${ANA} 1 post`, `${BOB} 0.5 post`])
    expect(
      decisions(await planned({ laptopSlots: 30, owners: both, only: new Set([BOB]) })),
    ).toEqual([`${BOB} 0.5 post`])
  })

  test.each<[string, LedgerEntry[], string[]]>([
    // What was to be charged is not forgotten because what it was for is lost.
    ['was charged', [entry({ email: BOB })], [`${ANA} 0.5 post`, `${BOB} 0 hold`]],
    [
      'may have been',
      [entry({ email: BOB, outcome: 'unknown' })],
      [`${ANA} 0.5 post`, `${BOB} 0 hold`],
    ],
    [
      'was refused',
      [entry({ email: BOB, outcome: 'refused' })],
      [`${ANA} 0.5 post`, `${BOB} 0 hold`],
    ],
    ['was held', [entry({ email: BOB, decision: 'hold' })], [`${ANA} 0.5 post`, `${BOB} 0 hold`]],
    [
      'was seen, and had nothing to pay',
      [entry({ email: BOB, decision: 'skip' })],
      [`${ANA} 0.5 post`],
    ],
  ])('and, not seen now, who %s', async (_, entries, expected) => {
    expect(decisions(await planned({ entries }))).toEqual(expected)
  })

  test('and, though first by e-mail, who was not seen', async () => {
    const plan = await planned({ entries: [entry({ email: 'a@x' })] })
    expect(decisions(plan)).toEqual(['a@x 0 hold', `${ANA} 0.5 post`])
  })

  test('not who is no member any more', async () => {
    const entries = [entry({ email: BOB })]
    const emailNow = ({ email }: LedgerEntry) => (email === BOB ? undefined : email)
    expect(decisions(await planned({ entries, deps: { emailNow } }))).toEqual([`${ANA} 0.5 post`])
  })

  test('under the e-mail that they have now', async () => {
    const entries = [entry({ email: 'ana@old' }), entry({ email: ANA, decision: 'skip' })]
    const plan = await planned({ entries, deps: { emailNow: () => ANA } })
    expect(decisions(plan)).toEqual([`${ANA} 0.5 skip`])
    expect(plan.members[0]?.history).toEqual(entries)
  })
})

describe('a device that the ledger charged to another one that day', () => {
  const charged = (plan: DayPlan) => ({
    members: decisions(plan),
    not: plan.presences.unchargeable.map(({ owner }) => `${owner.kind} ${owner.name}`),
  })

  test('is charged to neither without a person', async () => {
    const plan = await planned({ entries: [withDevice(PHONE, { email: BOB })] })
    expect(charged(plan)).toEqual({ members: [`${BOB} 0 hold`], not: [`charged ${BOB} / ${ANA}`] })
    expect(plan.owners.get(PHONE)?.owner.kind).toBe('charged')
  })

  test('nor where it was charged to two others', async () => {
    const entries = [
      withDevice(PHONE, { email: BOB }),
      withDevice(PHONE, { email: 'cleo@x' }),
      withDevice(PHONE, { email: 'cleo@x', at: `${DAY}T21:16:00.000Z` }),
    ]
    expect(charged(await planned({ entries })).not).toEqual([`charged ${BOB} / cleo@x / ${ANA}`])
  })

  test.each<[string, LedgerEntry[], Owners]>([
    [
      'it was charged to themselves, too',
      [withDevice(PHONE), withDevice(PHONE, { email: BOB })],
      ANAS,
    ],
    ['that post was refused', [withDevice(PHONE, { email: BOB, outcome: 'refused' })], ANAS],
    ['it was another device', [withDevice(LAPTOP, { email: BOB })], ANAS],
    [
      'it passed to the other one during the day',
      [withDevice(PHONE, { email: BOB })],
      owners([
        PHONE,
        owned(memberOwner(ANA), {
          passedOn: {
            from: dayWindow(DAY, PARIS).start + 1439,
            owned: owned(memberOwner(BOB)),
          },
        }),
      ]),
    ],
  ])('is theirs where %s', async (_, entries, now) => {
    const plan = await planned({ entries, owners: now })
    expect(plan.presences.unchargeable).toEqual([])
    expect(plan.presences.members.map(({ email }) => email)).toEqual([ANA])
  })

  test('nor where that one is no member any more', async () => {
    const entries = [withDevice(PHONE, { email: BOB, member: 'b' })]
    const emailNow = ({ email }: LedgerEntry) => (email === BOB ? undefined : email)
    const plan = await planned({ entries, deps: { emailNow } })
    expect(charged(plan)).toEqual({ members: [], not: [`charged ${BOB} / ${ANA}`] })
  })

  test('and is nobody’s stays so', async () => {
    const now = owners([PHONE, owned({ kind: 'noEmail', name: 'Eve' })])
    const plan = await planned({ entries: [withDevice(PHONE, { email: BOB })], owners: now })
    expect(charged(plan).not).toEqual(['noEmail Eve'])
  })
})

describe('who was there and is no member any more', () => {
  const was = { id: 'b', email: BOB }
  const gone = owners([PHONE, owned({ kind: 'gone', name: 'Bob', was })])
  const told = (change: Partial<LedgerEntry> = {}) => ({
    ...entry({ email: BOB, decision: 'hold', ...change }),
    member: change.member ?? 'b',
  })
  const emailNow = () => undefined

  test('is told of apart', async () => {
    const plan = await planned({ owners: gone })
    expect(plan.gone).toMatchObject([
      { name: 'Bob', was, computed: 0.5, evidence: { slots: [48, 49, 50] } },
    ])
    expect([plan.members, plan.presences.unchargeable]).toEqual([[], []])
  })

  test.each<[string, LedgerEntry, number]>([
    ['not again', told(), 0],
    ['again of another amount', told({ computed: 1 }), 1],
    ['also when they were charged once', told({ decision: 'post' }), 1],
    ['also when another one was told of', told({ member: 'c' }), 1],
  ])('%s', async (_, entry, count) => {
    const plan = await planned({ owners: gone, entries: [entry], deps: { emailNow } })
    expect(plan.gone).toHaveLength(count)
  })

  test('others of whom nobody can be charged are not among them', async () => {
    const plan = await planned({ owners: owners([PHONE, owned({ kind: 'noEmail', name: 'Eve' })]) })
    expect([plan.gone.length, plan.presences.unchargeable.length]).toEqual([0, 1])
  })
})

describe('the last amount', () => {
  const only = async (world: World) => {
    const { members, asked } = await planned(world)
    expect(members).toHaveLength(1)
    return { last: members[0]?.last, asked: asked.length }
  }
  const fromServer = { amount: 1, from: 'server', isCertain: true }

  test.each<[string, World, unknown]>([
    ['of a past day without a post is what the server has', { stored: 1 }, fromServer],
    ['of such a day is none where the server has none', {}, 'none'],
    ['can not be told while the server can not', { stored: 'down' }, 'unreadable'],
    [
      'of the day the ledger began, too',
      { deps: { ledgerFirstDay: TODAY }, day: TODAY, stored: 1 },
      fromServer,
    ],
    [
      'of today, while the audit can not be read',
      { day: TODAY, stored: 1, deps: { audit: async () => undefined } },
      fromServer,
    ],
    [
      'of today, while a correction of theirs may be missing',
      { day: TODAY, stored: 1, deps: { audit: async () => ({ ...NO_TRAIL, unsure: [BOB, ANA] }) } },
      fromServer,
    ],
    [
      'of today, while corrections of anybody may be missing',
      { day: TODAY, stored: 1, deps: { audit: async () => ({ ...NO_TRAIL, unsure: [BOB, ''] }) } },
      fromServer,
    ],
    [
      'of today, for want of the trail of that day',
      { day: TODAY, stored: 1, deps: { auditedSince: addDays(TODAY, 1) } },
      fromServer,
    ],
  ])('%s', async (_, world, last) => {
    expect(await only(world)).toEqual({ last, asked: 1 })
  })

  test.each<[string, World, unknown]>([
    ['of today is none: nobody else charges it', { day: TODAY, stored: 1 }, 'none'],
    [
      'of today is none, whoever else may have been corrected',
      { day: TODAY, stored: 1, deps: { audit: async () => ({ ...NO_TRAIL, unsure: [BOB] }) } },
      'none',
    ],
    [
      'of the first day of the trail, too',
      { day: TODAY, stored: 1, deps: { auditedSince: TODAY } },
      'none',
    ],
    [
      'that was posted is what was posted last',
      { entries: [entry({ computed: 1 }), entry()], stored: 1 },
      { amount: 0.5, from: 'ledger', isCertain: true },
    ],
    [
      'that was sent without an answer, when as much is due now, is what was sent',
      { entries: [entry({ outcome: 'unknown' })], stored: 1 },
      { amount: 0.5, from: 'ledger', isCertain: false },
    ],
  ])('%s; the server is not asked', async (_, world, last) => {
    expect(await only(world)).toEqual({ last, asked: 0 })
  })

  test.each<[string, LedgerEntry[], unknown]>([
    [
      'as it was sent',
      [entry({ computed: 1, outcome: 'unknown' })],
      { ...fromServer, from: 'ledger' },
    ],
    [
      'as it was sent before that',
      [entry({ computed: 1 }), entry({ computed: 0.5, outcome: 'unknown' })],
      { ...fromServer, from: 'ledger' },
    ],
    ['as we never sent it', [entry({ computed: 0.5, outcome: 'unknown' })], fromServer],
    [
      'as we sent it, and it was refused',
      [entry({ computed: 1, outcome: 'refused' }), entry({ computed: 0.5, outcome: 'unknown' })],
      fromServer,
    ],
    [
      'as we only thought of it',
      [entry({ computed: 1, decision: 'hold' }), entry({ computed: 0.5, outcome: 'unknown' })],
      fromServer,
    ],
  ])('without an answer, when less is due now: the server has it, %s', async (_, entries, last) => {
    expect(await only({ slots: 1, entries, stored: 1 })).toEqual({ last, asked: 1 })
  })
})

describe('what a person set', () => {
  const set = (value: number, change: Partial<Correction> = {}): Correction => ({
    email: ANA,
    day: DAY,
    value,
    comment: 'why',
    author: 'Boss',
    occurred: new Date(`${DAY}T12:00:00Z`),
    ...change,
  })
  const person = { value: 0, comment: 'why', author: 'Boss' }
  const only = async (corrections: Correction[], world: World = {}) => {
    const audit = async () => ({ ...NO_TRAIL, corrections })
    const { members, asked } = await planned({ ...world, deps: { audit } })
    return { person: members[0]?.person, held: members[0]?.held, asked: asked.length }
  }

  test.each<[string, Correction[], World, unknown]>([
    ['last', [set(1), set(0)], { stored: 0.5 }, { person, held: 0.5, asked: 1 }],
    ['and the server does not have', [set(0)], {}, { person, held: 0, asked: 1 }],
    [
      'while the server can not tell',
      [set(0)],
      { stored: 'down' },
      { person, held: 'unreadable', asked: 1 },
    ],
    [
      'another day or for another one is nothing',
      [set(0, { day: TODAY }), set(0, { email: BOB })],
      {},
      { person: undefined, held: undefined, asked: 1 },
    ],
    [
      'is known from the ledger, where the trail tells no more of it',
      [],
      { entries: [entry(), entry({ person: { ...person, value: 1 } }), entry({ person })] },
      { person, held: 0, asked: 1 },
    ],
    [
      'is known better from the trail',
      [set(0)],
      { entries: [entry({ person: { ...person, value: 1 } })] },
      { person, held: 0, asked: 1 },
    ],
  ])('%s', async (_, corrections, world, expected) => {
    const { asked, ...told } = await only(corrections, world)
    expect({ ...told, asked: Math.min(1, asked) }).toEqual(expected)
  })

  test.each([
    [0.5, 0.5, 'skip', undefined],
    [1, 1, 'hold', 'person'],
    [1, 0.5, 'hold', 'covered'],
    [0, undefined, 'hold', 'person'],
  ] as const)(
    '%d, where the server holds %s and 0.5 was seen: %s %s',
    async (value, stored, decision, holdFor) => {
      const audit = async () => ({ ...NO_TRAIL, corrections: [set(value)] })
      const world = stored === undefined ? {} : { stored }
      const { members } = await planned({ ...world, deps: { audit } })
      expect(members.map(({ decided }) => [decided.decision, decided.holdFor])).toEqual([
        [decision, holdFor],
      ])
    },
  )

  test.each<[string, World, string]>([
    ['yesterday is charged', {}, 'post'],
    ['the day before waits', { day: addDays(TODAY, -2) }, 'hold'],
  ])('can not be asked: %s', async (_, world, decision) => {
    const deps = { audit: async () => undefined }
    const { members } = await planned({ ...world, deps })
    expect(members.map(({ decided }) => decided.decision)).toEqual([decision])
  })
})

describe('less than was charged', () => {
  const less = (now: Owners, allowLower: boolean) =>
    planned({
      slots: 0,
      owners: now,
      entries: [withDevice(PHONE)],
      deps: { allowLower },
    })

  test('is posted, where that is allowed, for a device that is not theirs', async () => {
    expect(decisions(await less(owners(), true))).toEqual([`${ANA} 0 post`])
    expect(decisions(await less(owners(), false))).toEqual([`${ANA} 0 hold`])
  })

  test('is held for one that is', async () => {
    expect(decisions(await less(ANAS, true))).toEqual([`${ANA} 0 hold`])
  })
})

test('a room that was looked at too little makes the day incomplete; one that sent nothing, if it should have', async () => {
  const day = TODAY
  const looked = emptyRollup('b', dayWindow(day, PARIS))
  const name = { location: 'b', day, minute: dayWindow(day, PARIS).start + 8 * 60, probe: 'box' }
  mergeMinuteFile(looked, name, { key: 'k', etag: '1', bytes: Buffer.from('# devices=0\n') })
  const rollups = [looked, ...['c', 'd'].map((place) => emptyRollup(place, dayWindow(day, PARIS)))]
  const refreshed = rollups.map((rollup) => ({ rollup, fetched: 0, refused: [], unread: [] }))
  const { ledger } = await planned({ day })
  const deps = settleDeps(day, {
    activity: new Map([['c', new Set([DAY])]]),
    now: () => new Date(`${TODAY}T07:09:59Z`),
  })
  const plan = (minCoveragePercent: number) =>
    planFor(owners(), { ledger, refreshed } as unknown as DayPlan, { ...deps, minCoveragePercent })
  expect((await plan(10)).coverage).toEqual([
    { location: 'b', lookedMinutes: 1, openMinutes: 9 },
    { location: 'c', lookedMinutes: 0, openMinutes: 9 },
  ])
  expect((await plan(11)).incomplete).toEqual(['c'])
  expect((await plan(12)).incomplete).toEqual(['b', 'c'])
})

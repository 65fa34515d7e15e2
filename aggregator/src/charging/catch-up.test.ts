/** What of the last days is posted when they are looked at again, and why it was not before. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { addDays, type LocalDay, macFromBits } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seen } from '../../testing/raw-files.ts'
import { settleDeps } from '../../testing/settle-deps.ts'
import type { MemberOwner, Owners, OwnershipSource } from '../domain/ownership.ts'
import { DEFAULT_RULE } from '../domain/rule.ts'
import { emptyLedger, type LedgerEntry } from '../ledger/ledger.ts'
import { readLedger, writeLedger } from '../ledger/ledger-store.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Store, StoreError } from '../store/store.ts'
import type { Presence, Tickets } from '../tickets/tickets.ts'
import { catchUp } from './catch-up.ts'

const DAY = '2026-11-18' as LocalDay
const TODAY = addDays(DAY, 2)
const ANA: MemberOwner = { kind: 'member', email: 'ana@x', name: 'Ana' }
const BOB: MemberOwner = { kind: 'member', email: 'bob@x', name: 'Bob' }
const [PHONE, LAPTOP, BOBS] = [macFromBits(1), macFromBits(2), macFromBits(3)]

let folder: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-'))
  store = createFolderStore(folder)
})
afterEach(() => rm(folder, { recursive: true }))

/** Ana's phone in so many slots from 08:00 on, her laptop in others from 12:00 on, and Bob's. */
async function see(phoneSlots: number, laptopSlots: number, day = DAY, bobsSlots = 0) {
  const file = join(folder, 'presences/a', day)
  await mkdir(dirname(file), { recursive: true })
  const lines = seen(PHONE, day, 8, phoneSlots) + seen(LAPTOP, day, 12, laptopSlots)
  await writeFile(file, lines + seen(BOBS, day, 8, bobsSlots))
}

/** As the history of members has it: the laptop was registered late, and counts as far back as is asked. */
function ownersOn(day: LocalDay, lateFrom: LocalDay = day): Owners {
  const owned = (source: OwnershipSource) => ({ owner: ANA, source })
  return new Map([
    [PHONE, owned('map')],
    [BOBS, { owner: BOB, source: 'map' }],
    ...(day >= lateFrom ? [[LAPTOP, owned('registered-late')] as const] : []),
  ])
}

const EARLIER = { slots: [48, 49, 50], devices: [], rule: DEFAULT_RULE }
const entry = (change: Partial<LedgerEntry> = {}): LedgerEntry => ({
  run: { id: 'run0', kind: 'nightly', by: 'timer' },
  email: ANA.email,
  at: `${DAY}T21:15:00.000Z`,
  computed: 0.5,
  decision: 'post',
  reason: 'a reason',
  outcome: 'posted',
  evidence: EARLIER,
  ...change,
})
const held = (slots: number[], computed: 0.5 | 1 = 0.5): LedgerEntry => {
  const { outcome, ...rest } = entry({ computed, decision: 'hold' })
  return { ...rest, evidence: { ...EARLIER, slots } }
}
const withLaptop = (change: Partial<LedgerEntry> = {}) => {
  const devices = [
    { mac: LAPTOP, location: 'a', minutes: 1, slots: [72], source: 'registered-late' as const },
  ]
  return entry({ ...change, evidence: { ...EARLIER, devices } })
}

/** Catches up; gives what was posted, each decision of Ana's days, and what they are in the ledger. */
async function caughtUp({
  entries = [],
  lookedAt = `${DAY}T21:15:00.000Z`,
  lateFrom = DAY,
  days = [DAY],
  into = store,
  allowLower = false,
}: {
  entries?: readonly LedgerEntry[]
  lookedAt?: string
  lateFrom?: LocalDay
  days?: readonly LocalDay[]
  into?: Store
  allowLower?: boolean
} = {}) {
  await writeLedger(store, { value: { ...emptyLedger(DAY), entries, lookedAt }, etag: undefined })
  const posted: string[] = []
  const deps = settleDeps(TODAY, {
    store: into,
    allowLower,
    tickets: {
      postPresence: async ({ day, amount }: Presence) => {
        posted.push(`${day} ${amount}`)
      },
    } as Tickets,
  })
  const result = await catchUp(days, ownersOn, lateFrom, deps)
  const decided = result.days.flatMap(({ members }) =>
    members.map((member) => `${member.decided.decision}: ${member.decided.reason}`),
  )
  const written = (await readLedger(store, DAY)).value.entries.filter(
    ({ run }) => run.id === 'run1',
  )
  return { posted, decided, unreadable: result.unreadable.map(({ day }) => day), written }
}

describe('why a day is posted only now', () => {
  test.each<[string, Parameters<typeof caughtUp>[0]]>([
    ['no run had charged this day yet', { lookedAt: '' }],
    ['the post had been refused', { entries: [entry({ outcome: 'refused' })] }],
    ['the post had failed', { entries: [entry({ outcome: 'unknown' })] }],
    ['the post had failed', { entries: [entry({ outcome: 'intended' })] }],
    ['the ticket server could not be asked before', { entries: [held([48, 49, 50])] }],
    ['the ticket server could not be asked before', { entries: [held([47, 48, 49, 50])] }],
    ['files arrived late', { entries: [held([48, 49])] }],
    ['files arrived late', { entries: [entry({ computed: 0, decision: 'skip' })] }],
    ['files arrived late', {}],
  ])('%s: %j', async (cause, world) => {
    await see(3, 0)
    const { posted, decided, written } = await caughtUp(world)
    expect(posted).toEqual([`${DAY} 0.5`])
    expect(decided).toEqual([expect.stringMatching(`^post: .+ \\(caught up: ${cause}\\)$`)])
    expect(written).toMatchObject([{ run: { kind: 'catch-up' }, outcome: 'posted' }])
  })

  test.each<[string, LedgerEntry]>([
    ['a device was registered late', entry()],
    ['files arrived late', withLaptop()],
  ])('%s: %j', async (cause, before) => {
    await see(3, 27)
    const { posted, decided } = await caughtUp({ entries: [before] })
    expect(posted).toEqual([`${DAY} 1`])
    expect(decided).toEqual([expect.stringContaining(`(caught up: ${cause})`)])
  })

  test('and of what is not posted, nothing is said or written', async () => {
    await see(3, 0)
    const { posted, decided, written } = await caughtUp({ entries: [entry()] })
    expect({ posted, decided, written }).toEqual({
      posted: [],
      decided: ['skip: already so'],
      written: [],
    })
  })
})

describe('a device that was registered late counts', () => {
  const LATER = addDays(DAY, 1)
  const WAITS = 'skip: 30 slots with a device registered late: waits for a replay'

  test.each<[string, Parameters<typeof caughtUp>[0], string[]]>([
    ['from the first such day on', { lateFrom: DAY, entries: [entry()] }, ['1']],
    ['not before: the rest is charged', { lateFrom: LATER }, ['0.5']],
    ['not before: nothing where the rest was', { lateFrom: LATER, entries: [entry()] }, []],
    [
      'where a replay asked for it, and failed',
      { lateFrom: LATER, entries: [entry({ computed: 1, outcome: 'unknown' })] },
      ['1'],
    ],
    [
      'where a replay asked for it, and was refused',
      { lateFrom: LATER, entries: [entry(), entry({ computed: 1, outcome: 'refused' })] },
      ['1'],
    ],
    [
      'not where it was only thought of',
      { lateFrom: LATER, entries: [entry(), held([48, 49, 50], 1)] },
      [],
    ],
    [
      'not where something else was asked for, and refused',
      { lateFrom: LATER, entries: [entry(), entry({ computed: 0.5, outcome: 'refused' })] },
      [],
    ],
  ])('%s: %j', async (_, world, amounts) => {
    await see(3, 27)
    const { posted, decided } = await caughtUp(world)
    expect(posted).toEqual(amounts.map((amount) => `${DAY} ${amount}`))
    if (amounts.length === 0) expect(decided).toEqual([WAITS])
  })

  test('not alone', async () => {
    await see(0, 30)
    expect(await caughtUp({ lateFrom: LATER })).toMatchObject({ posted: [], decided: [WAITS] })
  })

  test('no more where another one’s day was charged wholly', async () => {
    await see(3, 27, DAY, 3)
    const entries = [entry({ email: BOB.email })]
    expect((await caughtUp({ entries, lateFrom: LATER })).posted).toEqual([`${DAY} 0.5`])
  })

  test('and keeps no other one’s day back', async () => {
    await see(3, 27, DAY, 3)
    const entries = [entry()]
    expect(await caughtUp({ entries, lateFrom: LATER })).toMatchObject({
      posted: [`${DAY} 0.5`],
      written: [{ email: BOB.email }],
    })
  })

  test('not where as much as the rest was sent without an answer: that is sent again', async () => {
    await see(3, 27)
    const entries = [entry({ outcome: 'unknown' })]
    expect((await caughtUp({ entries, lateFrom: LATER })).posted).toEqual([`${DAY} 0.5`])
  })

  test('never less than was charged with it', async () => {
    await see(1, 29)
    const entries = [withLaptop()]
    expect(await caughtUp({ entries, lateFrom: LATER, allowLower: true })).toMatchObject({
      posted: [],
      decided: [WAITS],
    })
  })

  test('less, for another reason and as allowed, is posted', async () => {
    await see(1, 1)
    const rule = { ...DEFAULT_RULE, halfDaySlots: 2 }
    const entries = [withLaptop({ computed: 1 })].map((each) => {
      return { ...each, evidence: { ...each.evidence, rule } }
    })
    const { posted } = await caughtUp({ entries, lateFrom: LATER, allowLower: true })
    expect(posted).toEqual([`${DAY} 0`])
  })
})

describe('a day that can not be read', () => {
  const NEXT = addDays(DAY, 1)
  const failing = (error: Error): Store => ({
    ...store,
    get: (key) => (key.includes(`ledger/${DAY}`) ? Promise.reject(error) : store.get(key)),
  })

  test('does not keep the others back', async () => {
    await see(3, 0)
    await see(3, 0, NEXT)
    const into = failing(new StoreError('it is down'))
    const { posted, unreadable } = await caughtUp({ days: [DAY, NEXT], into })
    expect({ posted, unreadable }).toEqual({ posted: [`${NEXT} 0.5`], unreadable: [DAY] })
  })

  test('for a fault of the program ends the run', async () => {
    await see(3, 0)
    const into = failing(new TypeError('x is not a function'))
    await expect(caughtUp({ into })).rejects.toThrow(TypeError)
  })
})

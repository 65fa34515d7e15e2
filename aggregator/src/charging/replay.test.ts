/** What a replay does to each day, and whether it left something undone. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { addDays, dayWindow, type LocalDay, type Mac, macFromBits } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seen } from '../../testing/raw-files.ts'
import { settleDeps } from '../../testing/settle-deps.ts'
import type { OwnedDevice, Ownership } from '../domain/ownership.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Store, StoreError } from '../store/store.ts'
import { type Presence, type Tickets, TicketsError } from '../tickets/tickets.ts'
import type { DayUnreadable } from './read-day.ts'
import {
  isReplayComplete,
  type Replayed,
  type ReplayedDay,
  type ReplayProgress,
  replay,
} from './replay.ts'
import type { DaySettled, MemberSettled } from './settle-day.ts'

const TODAY = '2026-11-23' as LocalDay
const [DAY, NEXT, THIRD] = [1, 2, 3].map((later) => addDays('2026-11-17' as LocalDay, later)) as [
  LocalDay,
  LocalDay,
  LocalDay,
]
const [PHONE, LAPTOP, BOBS] = [macFromBits(1), macFromBits(2), macFromBits(3)]
const ANA: Ownership = { kind: 'member', email: 'ana@x', name: 'Ana' }
const BOB: Ownership = { kind: 'member', email: 'bob@x', name: 'Bob' }
const own = (owner: Ownership, more: Partial<OwnedDevice> = {}): OwnedDevice => ({
  owner,
  source: 'map',
  ...more,
})
const OWNERS: [Mac, OwnedDevice][] = [
  [PHONE, own(ANA)],
  [LAPTOP, own(ANA)],
  [BOBS, own(BOB)],
]

/** What nights remember. */
const MEMORY = 'jobs/nightly.json'

let folder: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-'))
  store = createFolderStore(folder)
  const memory = { version: 1, lastRun: addDays(TODAY, -1), openDays: [] }
  await mkdir(join(folder, 'jobs'))
  await writeFile(join(folder, MEMORY), JSON.stringify(memory))
})
afterEach(() => rm(folder, { recursive: true }))

/** Writes the day file of a room. */
async function see(room: string, day: LocalDay, ...lines: string[]): Promise<void> {
  const file = join(folder, 'presences', room, day)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, lines.join(''))
}

interface World {
  readonly days?: readonly LocalDay[]
  readonly owners?: readonly (readonly [Mac, OwnedDevice])[]
  readonly into?: Store
  readonly post?: (presence: Presence) => Promise<void>
}

/** Replays Ana's laptop; with what was posted, what progress was told, and the days that are left open. */
async function replayed({ days = [DAY, NEXT], owners = OWNERS, into = store, post }: World = {}) {
  const posted: string[] = []
  const told: ReplayProgress[] = []
  const deps = settleDeps(TODAY, {
    store: into,
    locations: ['a', 'b'],
    aside: { messages: [], now: () => new Date(0), onSetAside: () => {} },
    tickets: {
      postPresence: async (presence: Presence) => {
        posted.push(`${presence.email} ${presence.day} ${presence.amount}`)
        await post?.(presence)
      },
    } as Tickets,
  })
  const onProgress = (progress: ReplayProgress) => void told.push(progress)
  const result = await replay(LAPTOP, days, () => new Map(owners), deps, onProgress).catch(
    (error: Error) => error,
  )
  const { openDays } = JSON.parse(await readFile(join(folder, MEMORY), 'utf8'))
  return { result: result as Replayed, posted: posted.sort(), told, open: openDays as unknown }
}

/** As `replayed`, its days as lines. */
async function lines(world: World = {}) {
  const { result, posted } = await replayed(world)
  const days = result.days.map(({ day, minutes, slots, locations, owned, member }) =>
    [day, minutes, slots, locations.join('+'), owned?.owner.kind, member?.outcome].join(' '),
  )
  return { days, posted }
}

describe('a day on which the device was seen', () => {
  test('is decided from all of its owner’s devices, for them alone', async () => {
    await see('a', DAY, seen(LAPTOP, DAY, 8, 2), seen(PHONE, DAY, 12, 28), seen(BOBS, DAY, 8, 3))
    await see('a', NEXT, seen(PHONE, NEXT, 12, 28))
    expect(await lines()).toEqual({
      days: [`${DAY} 2 2 a member posted`],
      posted: [`ana@x ${DAY} 1`],
    })
  })

  test('has the device’s minutes of all rooms, each once; its slots are those of the opening hours', async () => {
    await see('a', DAY, seen(LAPTOP, DAY, 6, 13))
    await see('b', DAY, seen(LAPTOP, DAY, 8, 3))
    expect((await lines()).days).toEqual([`${DAY} 15 3 a+b member posted`])
  })

  test('in one room is not said of another', async () => {
    await see('a', DAY, seen(PHONE, DAY, 8, 3))
    await see('b', DAY, seen(LAPTOP, DAY, 8, 3))
    expect((await lines()).days).toEqual([`${DAY} 3 3 b member posted`])
  })

  test.each<[string, OwnedDevice | undefined, string]>([
    ['nobody', undefined, ''],
    ['the space', own({ kind: 'excluded', name: '' }), 'excluded'],
  ])('charges nobody while it is of %s', async (_, owned, kind) => {
    await see('a', DAY, seen(LAPTOP, DAY, 8, 3), seen(PHONE, DAY, 8, 3))
    const owners = owned ? [OWNERS[0] ?? [PHONE, own(ANA)], [LAPTOP, owned] as const] : []
    expect(await lines({ owners })).toEqual({ days: [`${DAY} 3 3 a ${kind} `], posted: [] })
  })

  test('is that of both who had it', async () => {
    await see('a', DAY, seen(LAPTOP, DAY, 8, 60))
    const from = dayWindow(DAY, 'Europe/Paris').start + 12 * 60
    const owners = [[LAPTOP, own(ANA, { passedOn: { from, owned: own(BOB) } })]] as const
    expect((await lines({ owners })).posted).toEqual([`ana@x ${DAY} 0.5`, `bob@x ${DAY} 1`])
  })

  test('is told as it comes, as are the others', async () => {
    await see('a', NEXT, seen(LAPTOP, NEXT, 8, 3))
    const { result, told } = await replayed({ days: [DAY, NEXT, THIRD] })
    expect(told.map(({ done, total }) => [done, total])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
    expect(told.map(({ day }) => day).sort()).toEqual([DAY, NEXT, THIRD])
    expect(told.flatMap(({ replayed: each }) => each ?? [])).toEqual(result.days)
  })
})

test('days are in their order, and so are faults of raw files, whichever ended first', async () => {
  for (const day of [DAY, NEXT, THIRD]) await see('a', day, 'hello\n', seen(LAPTOP, day, 8, 3))
  const { result } = await replayed({ days: [THIRD, DAY, NEXT] })
  expect(result.days.map(({ day }) => day)).toEqual([DAY, NEXT, THIRD])
  expect(result.faults).toEqual(
    [DAY, NEXT, THIRD].map((day) => expect.stringContaining(`presences/a/${day}: line 1: no date`)),
  )
})

describe('what is left undone', () => {
  const failing = (...days: LocalDay[]): Store => ({
    ...store,
    get: (key) =>
      days.some((day) => key.includes(`ledger/${day}`))
        ? Promise.reject(new StoreError(`no ${key}`))
        : store.get(key),
  })

  test('are days that can not be read: the others are charged, and a night looks at them', async () => {
    for (const day of [DAY, NEXT, THIRD]) await see('a', day, seen(LAPTOP, day, 8, 3))
    const into = failing(NEXT, DAY)
    const { result, posted, open } = await replayed({ days: [NEXT, DAY, THIRD], into })
    expect(result.unreadable.map(({ day }) => day)).toEqual([DAY, NEXT])
    expect(posted).toEqual([`ana@x ${THIRD} 0.5`])
    expect([open, result.unremembered]).toEqual([[DAY, NEXT], undefined])
  })

  test('is a post that failed', async () => {
    for (const day of [DAY, NEXT]) await see('a', day, seen(LAPTOP, day, 8, 3))
    const post = async ({ day }: Presence) => {
      if (day === NEXT) throw new TicketsError('refused', 'no', 404)
    }
    const { result, open } = await replayed({ post })
    expect(result.days.map(({ member }) => member?.outcome)).toEqual(['posted', 'refused'])
    expect(open).toEqual([NEXT])
  })

  test('is that of the second of two who had it that day', async () => {
    await see('a', DAY, seen(LAPTOP, DAY, 8, 60))
    const from = dayWindow(DAY, 'Europe/Paris').start + 12 * 60
    const owners = [[LAPTOP, own(ANA, { passedOn: { from, owned: own(BOB) } })]] as const
    const post = async ({ email }: Presence) => {
      if (email === 'bob@x') throw new TicketsError('refused', 'no', 404)
    }
    const { result, open } = await replayed({ owners, post })
    expect([open, isReplayComplete(result)]).toEqual([[DAY], false])
  })

  test('nothing: no night has to look', async () => {
    await see('a', DAY, seen(LAPTOP, DAY, 8, 3))
    expect((await replayed()).open).toEqual([])
  })

  test('and can not be written down is said', async () => {
    await see('a', DAY, seen(LAPTOP, DAY, 8, 3))
    const into = { ...failing(DAY), put: () => Promise.reject(new StoreError('It is down.')) }
    expect((await replayed({ into })).result.unremembered).toBe(
      `It is down. The nightly run does not know that something is left undone on ${DAY}: run this again.`,
    )
  })
})

test('after a fault of the program no further day is begun, and it is thrown on', async () => {
  const days = Array.from({ length: 20 }, (_, later) => addDays(DAY, -later))
  for (const day of days) await see('a', day, seen(LAPTOP, day, 8, 3))
  const post = () => Promise.reject(new TypeError('x is not a function'))
  const { result, posted, told } = await replayed({ days, post })
  expect(result).toBeInstanceOf(TypeError)
  expect(posted.length).toBeGreaterThan(0)
  expect(told.length).toBeLessThan(days.length)
})

const settled = (outcome: MemberSettled['outcome']) => ({ decided: {}, outcome }) as MemberSettled
const day = (change: Partial<ReplayedDay>): ReplayedDay => ({
  day: DAY,
  minutes: 3,
  slots: 3,
  locations: ['a'],
  owned: { owner: ANA, source: 'map' },
  member: settled('posted'),
  ...change,
})
const owned = (owner: Ownership) => ({
  owned: { owner, source: 'map' as const },
  member: undefined,
})
const undone = {
  day: DAY,
  members: [settled('posted'), settled('unknown')],
} as unknown as DaySettled
const done = { day: DAY, members: [settled('posted')] } as unknown as DaySettled

test.each<[string, Partial<Replayed>, boolean]>([
  ['no day', {}, true],
  ['a day that is charged', { days: [day({})] }, true],
  [
    'a day whose post failed, beside another',
    { days: [day({}), day({ member: settled('unknown') })] },
    false,
  ],
  ['a day of the space’s own device', { days: [day(owned({ kind: 'excluded', name: '' }))] }, true],
  ['a day of a device of nobody', { days: [day({ owned: undefined, member: undefined })] }, false],
  [
    'a day on which nobody can be charged',
    { days: [day(owned({ kind: 'noEmail', name: 'Eve' }))] },
    false,
  ],
  ['a day of who is gone', { days: [day(owned({ kind: 'gone', name: 'Eve' }))] }, true],
  [
    'a day of nobody, closed by a person',
    { days: [day({ ...owned({ kind: 'unsure', name: 'Eve or Bob' }), isClosed: true })] },
    true,
  ],
  [
    'a failed post beside what was closed',
    { days: [day({ member: settled('refused'), isClosed: true })] },
    false,
  ],
  [
    'nor outside the opening hours',
    { days: [day({ ...owned({ kind: 'noEmail', name: 'Eve' }), slots: 0 })] },
    false,
  ],
  ['a member’s day outside the opening hours', { days: [day({ ...owned(ANA), slots: 0 })] }, true],
  ['a member’s day that was not decided', { days: [day({ ...owned(ANA), slots: 1 })] }, false],
  ['a day that is lost', { lost: [DAY] }, false],
  ['a day that can not be read', { unreadable: [{} as DayUnreadable] }, false],
  [
    'a day of which nobody could say afterwards',
    { rechecked: { days: [], unasked: [DAY] } },
    false,
  ],
  ['a day of which a room could not be read', { incomplete: [DAY] }, false],
  ['a correction that is covered', { rechecked: { days: [done, undone], unasked: [] } }, false],
  ['a correction that was put back', { rechecked: { days: [done], unasked: [] } }, true],
])('of a replay with %s: whether it is complete', (_, change, isSo) => {
  const replayed: Replayed = {
    days: [],
    unreadable: [],
    incomplete: [],
    lost: [],
    faults: [],
    rechecked: { days: [], unasked: [] },
    unremembered: undefined,
    ...change,
  }
  expect(isReplayComplete(replayed)).toBe(isSo)
})

/** Which days a run looks at, and which it leaves for a later one. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { addDays, dayWindow, instantOf, type LocalDay, macFromBits } from '@presences/shared'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { look, seen } from '../../testing/raw-files.ts'
import { settleDeps } from '../../testing/settle-deps.ts'
import type { MemberOwner, Owners } from '../domain/ownership.ts'
import { emptyLedger } from '../ledger/ledger.ts'
import { writeLedger } from '../ledger/ledger-store.ts'
import { EMPTY_HISTORY, type MapHistory } from '../members/map-history.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Store, StoreError } from '../store/store.ts'
import { type Presence, type Tickets, TicketsError } from '../tickets/tickets.ts'
import type { NightlyMemory } from './nightly-memory.ts'
import type { SettleDeps } from './settle-day.ts'
import { type CatchUpSettings, type UploadDeps, uploadAsked, uploadNightly } from './upload.ts'

const TODAY = '2026-11-20' as LocalDay
const ago = (days: number) => addDays(TODAY, -days)
const ANA: MemberOwner = { kind: 'member', email: 'ana@x', name: 'Ana' }
const [PHONE, LAPTOP] = [macFromBits(1), macFromBits(2)]
const MEMORY = 'jobs/nightly.json'

let folder: string
let store: Store
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-'))
  store = createFolderStore(folder)
  await remember({ lastRun: ago(1), openDays: [] })
})
afterEach(() => rm(folder, { recursive: true }))

async function write(key: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, key)), { recursive: true })
  await writeFile(join(folder, key), text)
}
const remember = (memory: NightlyMemory) => write(MEMORY, JSON.stringify({ version: 1, ...memory }))
const memory = async () => JSON.parse(await readFile(join(folder, MEMORY), 'utf8'))
const see = (day: LocalDay, mac = PHONE, slots = 3) =>
  write(`presences/a/${day}`, seen(mac, day, 8, slots))

interface World {
  readonly history?: MapHistory
  readonly ownersOn?: (day: LocalDay, lateFrom?: LocalDay) => Owners
  readonly post?: (presence: Presence) => Promise<void>
  readonly given?: Partial<SettleDeps>
}

const PHONES = (): Owners => new Map([[PHONE, { owner: ANA, source: 'map' }]])

/** What a run takes, and what it posts and tells. */
function uploading({ history = EMPTY_HISTORY, ownersOn = PHONES, post, given = {} }: World) {
  const posted: string[] = []
  const told: string[] = []
  const deps = settleDeps(TODAY, {
    store,
    aside: { messages: ['set aside'], now: () => new Date(0), onSetAside: () => {} },
    ledgerFirstDay: ago(200),
    auditedSince: ago(300),
    tickets: {
      postPresence: async (presence: Presence) => {
        posted.push(`${presence.day} ${presence.amount}`)
        await post?.(presence)
      },
    } as Tickets,
    ...given,
  })
  const upload: UploadDeps = {
    deps,
    history,
    lostDevices: 7,
    questionsFrom: () => deps,
    ownersOn,
    onSettled: ({ day }) => told.push(day),
    onUnreadable: ({ day }) => told.push(`${day} unreadable`),
  }
  return { deps, upload, posted, told }
}

async function night(
  settings: Partial<CatchUpSettings> = {},
  { memory: kept, ...world }: World & { memory?: NightlyMemory } = {},
) {
  if (kept) await remember(kept)
  const { deps, upload, posted, told } = uploading(world)
  const uploaded = await uploadNightly(upload, deps, {
    catchUpDays: 3,
    autoReplayDays: 0,
    ...settings,
  })
  return { uploaded, posted, told }
}

/** A store that can't tell the ledgers of these days. */
const failing = (...days: LocalDay[]): Store => ({
  ...store,
  get: (key) =>
    days.some((day) => key.includes(`ledger/${day}`))
      ? Promise.reject(new StoreError(`no ${key}`))
      : store.get(key),
})

describe('a night looks at today, then at', () => {
  test.each<[string, NightlyMemory, Partial<CatchUpSettings>, Partial<SettleDeps>, number[]]>([
    ['the last days', { lastRun: ago(1), openDays: [] }, {}, {}, [3, 2, 1]],
    ['as many when it ran today', { lastRun: TODAY, openDays: [] }, {}, {}, [3, 2, 1]],
    [
      'as many before a night that did not run',
      { lastRun: ago(2), openDays: [] },
      {},
      {},
      [4, 3, 2, 1],
    ],
    ['none', { lastRun: ago(1), openDays: [] }, { catchUpDays: 0 }, {}, []],
    [
      'those that late registrations are charged for',
      { lastRun: ago(1), openDays: [] },
      { autoReplayDays: 4 },
      {},
      [4, 3, 2, 1],
    ],
    [
      'none from before the ledger',
      { lastRun: ago(1), openDays: [] },
      {},
      { ledgerFirstDay: ago(2) },
      [2, 1],
    ],
    [
      'what was left undone, however long ago',
      { lastRun: ago(1), openDays: [ago(2), ago(40)] },
      {},
      {},
      [40, 3, 2, 1],
    ],
    [
      'what was left undone before the ledger',
      { lastRun: ago(1), openDays: [ago(40)] },
      { catchUpDays: 1 },
      { ledgerFirstDay: ago(2) },
      [40, 1],
    ],
    [
      'nothing of today or later again',
      { lastRun: TODAY, openDays: [TODAY, ago(-1)] },
      { catchUpDays: 1 },
      {},
      [1],
    ],
  ])('%s', async (_, memory, settings, given, days) => {
    const { uploaded, told } = await night(settings, { memory, given })
    expect(told).toEqual([TODAY, ...days.map(ago)])
    expect(uploaded.days.map(({ day }) => day)).toEqual([TODAY])
    expect(uploaded.caughtUp.days.map(({ day }) => day)).toEqual(days.map(ago))
  })
})

describe('a night leaves for the next one', () => {
  test('nothing but when it was, where all is done', async () => {
    await see(TODAY)
    await see(ago(1))
    const { posted, uploaded } = await night()
    expect(posted).toEqual([`${TODAY} 0.5`, `${ago(1)} 0.5`])
    expect(await memory()).toEqual({ version: 1, lastRun: TODAY, openDays: [] })
    expect(uploaded).toMatchObject({ lostDevices: 7, setAside: ['set aside'] })
    expect(uploaded.unremembered).toBeUndefined()
  })

  test('what could not be posted or read, of today and of before', async () => {
    for (const day of [TODAY, ago(1), ago(2), ago(3)]) await see(day)
    const post = async ({ day }: Presence) => {
      if (day !== ago(2)) throw new TicketsError('refused', 'no', 404)
    }
    const { told, uploaded } = await night({}, { post, given: { store: failing(ago(3)) } })
    expect(told).toEqual([TODAY, ago(2), ago(1), `${ago(3)} unreadable`])
    expect(uploaded.caughtUp.unreadable).toHaveLength(1)
    expect((await memory()).openDays).toEqual([ago(3), ago(1), TODAY])
  })

  test('today, where it can not be read', async () => {
    const { told, uploaded } = await night({ catchUpDays: 1 }, { given: { store: failing(TODAY) } })
    expect(told).toEqual([`${TODAY} unreadable`, ago(1)])
    expect(uploaded.unreadable).toHaveLength(1)
    expect((await memory()).openDays).toEqual([TODAY])
  })

  test('days with posts of which nobody can say whether a person knew better', async () => {
    await see(ago(1))
    const auditAgain = async () => (asked++ === 0 ? ('no news' as const) : ('unreadable' as const))
    let asked = 0
    const { posted } = await night({}, { given: { auditAgain } })
    expect(posted).toEqual([`${ago(1)} 0.5`])
    expect((await memory()).openDays).toEqual([ago(1)])
  })

  test.each([
    [92, true],
    [93, false],
  ])('a day of %i days ago that was not looked at wholly: %s', async (days, isOpen) => {
    const day = ago(days)
    const noon = instantOf(dayWindow(day, 'Europe/Paris').start + 12 * 60)
    await write(...look('a', noon))
    const kept = { lastRun: ago(1), openDays: [day] }
    const given = { activity: new Map([['a', new Set([day])]]) }
    await night({ catchUpDays: 0 }, { memory: kept, given })
    expect((await memory()).openDays).toEqual(isOpen ? [day] : [])
  })

  test('or says that it could not', async () => {
    const put: Store['put'] = (key, ...rest) =>
      key === MEMORY ? Promise.reject(new StoreError('It is down.')) : store.put(key, ...rest)
    const { uploaded } = await night({}, { given: { store: { ...store, put } } })
    expect(uploaded.unremembered).toBe(
      'It is down. The next night looks again at what was to be caught up.',
    )
  })
})

describe('devices registered late', () => {
  const registered = (registeredOn: LocalDay): MapHistory => ({
    ...EMPTY_HISTORY,
    firstObservedOn: ago(200),
    observedOn: TODAY,
    intervals: new Map([
      [LAPTOP, [{ owner: ANA, from: registeredOn, until: undefined, origin: 'map', registeredOn }]],
    ]),
  })
  const ownersOn = (day: LocalDay, lateFrom: LocalDay = day): Owners =>
    new Map(day >= lateFrom ? [[LAPTOP, { owner: ANA, source: 'registered-late' }]] : [])
  const proposed = async (days: number[], settings: Partial<CatchUpSettings>, since = TODAY) => {
    for (const day of days) {
      await see(ago(day), LAPTOP)
      // Somebody has looked at it before.
      const looked = { ...emptyLedger(ago(day)), lookedAt: `${TODAY}T00:00:00.000Z` }
      await writeLedger(store, { value: looked, etag: undefined })
    }
    const { uploaded, posted } = await night(settings, { history: registered(since), ownersOn })
    return {
      posted,
      proposed: uploaded.proposals.flatMap((each) => each.days.map(({ day }) => day)),
    }
  }

  test('are proposed to be replayed for the last 92 days', async () => {
    expect(await proposed([93, 92, 40, 1], {})).toEqual({
      posted: [],
      proposed: [ago(92), ago(40), ago(1)],
    })
  })

  test('are charged by themselves for as many days as is set', async () => {
    expect(await proposed([3, 2], { autoReplayDays: 2 })).toEqual({
      posted: [`${ago(2)} 0.5`],
      proposed: [ago(3)],
    })
  })

  test.each([
    [92, 1],
    [93, 0],
  ])('%i days ago are proposed: %i', async (days, count) => {
    expect((await proposed([40], {}, ago(days))).proposed).toHaveLength(count)
  })
})

describe('days that a person asked for', () => {
  async function asked(days: readonly LocalDay[], world: World = {}) {
    const { upload, posted, told } = uploading(world)
    return { uploaded: await uploadAsked(days, upload), posted, told }
  }

  test('are settled in their order, and leave the nights alone', async () => {
    for (const day of [ago(40), ago(9)]) await see(day)
    const { uploaded, posted, told } = await asked([ago(40), ago(9)])
    expect(posted).toEqual([`${ago(40)} 0.5`, `${ago(9)} 0.5`])
    expect(told).toEqual([ago(40), ago(9)])
    expect(uploaded).toMatchObject({ lostDevices: 7, setAside: ['set aside'] })
    expect(await memory()).toEqual({ version: 1, lastRun: ago(1), openDays: [] })
  })

  test('and could not be read or posted are left to a night', async () => {
    for (const day of [ago(40), ago(9)]) await see(day)
    const post = () => Promise.reject(new TicketsError('refused', 'no', 404))
    const days = [ago(41), ago(40), ago(9)]
    const { uploaded, told } = await asked(days, { post, given: { store: failing(ago(41)) } })
    expect(told).toEqual([`${ago(41)} unreadable`, ago(40), ago(9)])
    expect(uploaded.unreadable).toHaveLength(1)
    expect(await memory()).toEqual({
      version: 1,
      lastRun: ago(1),
      openDays: days,
      askedDays: [ago(41)],
    })
  })

  test('a fault of the program that is no room’s ends the run', async () => {
    const get: Store['get'] = (key) =>
      key.startsWith('ledger/')
        ? Promise.reject(new TypeError('x is not a function'))
        : store.get(key)
    await expect(asked([ago(9)], { given: { store: { ...store, get } } })).rejects.toThrow(
      TypeError,
    )
  })
})

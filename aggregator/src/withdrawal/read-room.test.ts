/** A room's day without what was withdrawn is the day that its raw files make without those minutes. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  dayWindow,
  formatLocalTime,
  instantOf,
  type LocalDay,
  type Mac,
  macFromBits,
} from '@presences/shared'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { look } from '../../testing/raw-files.ts'
import type { DayRollup } from '../rollup/day-rollup.ts'
import { listMinutes } from '../rollup/minute-set.ts'
import { RollupError } from '../rollup/rollup-codec.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Store, StoreError } from '../store/store.ts'
import { asSent, readRoom } from './read-room.ts'
import { NOTHING_WITHDRAWN, type Withdrawal, type Withdrawals } from './withdrawals.ts'

const PARIS = 'Europe/Paris'
const DAY = '2026-11-20' as LocalDay
const { start, minutes } = dayWindow(DAY, PARIS)
const PROBES = ['one', 'two', 'three']
/** A few minutes, so that what is seen and what is withdrawn meet. */
const SPAN = 8

let folder: string
let store: Store

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-room-'))
  store = createFolderStore(folder)
})
afterEach(() => rm(folder, { recursive: true }))

interface Seen {
  /** Minutes after `start`. */
  readonly minute: number
  /** `undefined`: a line of the old day file. */
  readonly probe: string | undefined
  readonly device: number
}

type About = Pick<Withdrawal, 'from' | 'to'> & { readonly probe?: string }

const deps = (withdrawals: Withdrawals, of = store) => ({ store: of, timeZone: PARIS, withdrawals })

const withdrawn = (...extents: About[]): Withdrawals => ({
  ...NOTHING_WITHDRAWN,
  withdrawn: extents.map((each, index) => ({
    ...each,
    id: `w${index}`,
    at: '2026-11-21T09:00:00.000Z',
    by: 'Paul',
    because: 'forged',
    location: 'a',
    from: start + each.from,
    to: start + each.to,
  })),
})

describe('for any files and any withdrawals', () => {
  const seen = fc.record({
    minute: fc.nat(SPAN - 1),
    probe: fc.constantFrom(...PROBES, undefined),
    device: fc.integer({ min: 1, max: 3 }),
  })
  const about = fc
    .record(
      {
        probe: fc.constantFrom(...PROBES),
        from: fc.integer({ min: -1, max: SPAN - 1 }),
        length: fc.integer({ min: 1, max: SPAN }),
      },
      { requiredKeys: ['from', 'length'] },
    )
    .map(({ from, length, ...rest }): About => ({ ...rest, from, to: from + length }))

  test('the day is that of the files without them, and what is stored stays whole', async () => {
    const property = fc.asyncProperty(
      fc.array(seen, { maxLength: 12 }),
      fc.array(about, { minLength: 1, maxLength: 3 }),
      async (all, extents) => {
        const counts = all.filter((each) => !extents.some((extent) => isAbout(extent, each)))
        const whole = await spaceOf(all)
        const rest = await spaceOf(counts)
        const withdrawals = withdrawn(...extents)
        // Twice: from the raw files, and from what was stored of them.
        for (const _ of [1, 2]) {
          const room = await readRoom('a', DAY, deps(withdrawals, whole))
          const { rollup } = await readRoom('a', DAY, deps(NOTHING_WITHDRAWN, rest))
          expect(plain(room.rollup)).toEqual(plain(rollup))
          expect(room.withdrawn?.isFelt ?? false).toBe(counts.length < all.length)
        }
        const stored = await readRoom('a', DAY, deps(NOTHING_WITHDRAWN, whole), 'stored')
        expect(plain(asSent(await readRoom('a', DAY, deps(withdrawals, whole))))).toEqual(
          plain(stored.rollup),
        )
      },
    )
    await fc.assert(property, { numRuns: 40 })
  })

  let spaces = 0
  async function spaceOf(all: readonly Seen[]): Promise<Store> {
    spaces += 1
    const root = join(folder, String(spaces))
    await mkdir(root)
    const of = createFolderStore(root)
    await writeAll(all, of)
    return of
  }
})

describe('what one probe saw', () => {
  const only = (...probes: string[]) =>
    probes.flatMap((probe, index) => ({ minute: 3, probe, device: index + 1 }))

  test('can not be told where a file of another one is gone', async () => {
    await writeAll(only('one', 'two'))
    await readRoom('a', DAY, deps(NOTHING_WITHDRAWN))
    await remove('two')
    const asked = deps(withdrawn({ probe: 'one', from: 0, to: SPAN }))
    await expect(readRoom('a', DAY, asked)).rejects.toThrow(RollupError)
    await expect(readRoom('a', DAY, asked)).rejects.toThrow('withdraw these minutes of the whole')
    const { rollup } = await readRoom('a', DAY, deps(withdrawn({ from: 0, to: SPAN })))
    expect(plain(rollup)).toEqual({ devices: {}, probes: {} })
  })

  test('needs no file of its own', async () => {
    await writeAll(only('one', 'two'))
    await readRoom('a', DAY, deps(NOTHING_WITHDRAWN))
    await remove('one')
    const asked = deps(withdrawn({ probe: 'one', from: 0, to: SPAN }))
    expect(plain((await readRoom('a', DAY, asked)).rollup).devices).toEqual({ 2: [3] })
  })

  test('can not be told where the old day file is gone', async () => {
    await writeAll([...only('one'), { minute: 3, probe: undefined, device: 2 }])
    await readRoom('a', DAY, deps(NOTHING_WITHDRAWN))
    await rm(join(folder, `presences/a/${DAY}`), { force: true, recursive: true })
    await writeAll(only('one'))
    const asked = deps(withdrawn({ probe: 'one', from: 0, to: SPAN }))
    await expect(readRoom('a', DAY, asked)).rejects.toThrow('raw files of theirs are gone')
  })

  test('can not be told where a file of another one that was cut short is gone', async () => {
    await writeAll(only('one'))
    const [key, text] = look('a', instantOf(start + 3), { macs: [mac(2)], probe: 'two' })
    await store.put(key, Buffer.from(text.trimEnd()))
    await readRoom('a', DAY, deps(NOTHING_WITHDRAWN))
    const asked = deps(withdrawn({ probe: 'one', from: 0, to: SPAN }))
    expect(plain((await readRoom('a', DAY, asked)).rollup).devices).toEqual({ 2: [3] })
    await remove('two')
    await expect(readRoom('a', DAY, asked)).rejects.toThrow('raw files of theirs are gone')
  })
})

test('faults of withdrawn files are none', async () => {
  const [key] = look('a', instantOf(start + 3))
  await store.put(key, Buffer.from('garbage\n'))
  expect((await readRoom('a', DAY, deps(NOTHING_WITHDRAWN))).rollup.faults.size).toBe(1)
  const { rollup } = await readRoom('a', DAY, deps(withdrawn({ from: 3, to: 4 })))
  expect(rollup.faults.size).toBe(0)
})

test('a line counts for its own minute, whatever the name of its file', async () => {
  const [key, text] = look('a', instantOf(start + 3), { macs: [mac(1)] })
  const later = `${formatLocalTime(instantOf(start + 6), PARIS)}\t${mac(2)}\n`
  await store.put(key, Buffer.from(text.replace('devices=1', 'devices=2') + later))
  const { rollup } = await readRoom('a', DAY, deps(withdrawn({ from: 6, to: 7 })))
  expect(plain(rollup).devices).toEqual({ 1: [3] })
})

test('what can not be read is waited for only where it counts', async () => {
  await writeAll([{ minute: 3, probe: 'one', device: 1 }])
  const broken: Store = {
    ...store,
    get: async (key) => {
      if (key.startsWith('presences/')) throw new StoreError(`Can't read ${key}`)
      return store.get(key)
    },
  }
  const asked = (...extents: About[]) => readRoom('a', DAY, deps(withdrawn(...extents), broken))
  expect((await asked({ from: 0, to: 3 })).unread).toHaveLength(1)
  expect((await asked({ from: 3, to: 4 })).unread).toEqual([])
  expect((await asked({ probe: 'one', from: 3, to: 4 })).unread).toEqual([])
})

test('a room that can not be read counts for nothing where all of its day is withdrawn', async () => {
  await store.put(`rollups/a/${DAY}.json.gz`, Buffer.from('damaged'))
  const most = deps(withdrawn({ from: 0, to: minutes - 1 }))
  await expect(readRoom('a', DAY, most)).rejects.toThrow(RollupError)
  const all = deps(withdrawn({ from: 0, to: 700 }, { from: 700, to: minutes }))
  expect(plain((await readRoom('a', DAY, all)).rollup)).toEqual({ devices: {}, probes: {} })
})

test('other rooms and days stay as they are', async () => {
  await writeAll([{ minute: 3, probe: 'one', device: 1 }])
  const withdrawals = withdrawn({ from: -9, to: 0 }, { from: minutes, to: minutes + 9 })
  const [one] = withdrawn({ from: 0, to: 9 }).withdrawn
  const elsewhere = one ? [{ ...one, id: 'x', location: 'b' }] : []
  const asked = { ...withdrawals, withdrawn: [...withdrawals.withdrawn, ...elsewhere] }
  const room = await readRoom('a', DAY, deps(asked))
  expect(room.withdrawn).toBeUndefined()
  expect(plain(room.rollup).devices).toEqual({ 1: [3] })
})

/** Each probe looks at each minute in which it sees something: one file with all of its devices. */
async function writeAll(all: readonly Seen[], of = store): Promise<void> {
  const files = new Map<string, Set<number>>()
  for (const { minute, probe, device } of all) {
    const name = `${minute} ${probe ?? ''}`
    files.set(name, (files.get(name) ?? new Set()).add(device))
  }
  let dayFile = ''
  for (const [name, devices] of files) {
    const [minute, probe] = name.split(' ')
    const instant = instantOf(start + Number(minute))
    const macs = [...devices].map(mac)
    if (probe) {
      const [key, text] = look('a', instant, { macs, probe })
      await of.put(key, Buffer.from(text))
    } else for (const each of macs) dayFile += `${formatLocalTime(instant, PARIS)}\t${each}\n`
  }
  if (dayFile !== '') await of.put(`presences/a/${DAY}`, Buffer.from(dayFile))
}

function isAbout({ probe, from, to }: About, seen: Seen): boolean {
  const isTheirs = probe === undefined || probe === seen.probe
  return isTheirs && seen.minute >= from && seen.minute < to
}

async function remove(probe: string): Promise<void> {
  const [key] = look('a', instantOf(start + 3), { probe })
  await rm(join(folder, key))
}

function mac(device: number): Mac {
  return macFromBits(device)
}

/** What a rollup says; probes that looked at nothing are left out. */
function plain({ devices, probes }: DayRollup) {
  const looked = [...probes].map(([id, each]) => [id, listMinutes(each.looked)] as const)
  return {
    devices: Object.fromEntries([...devices].map(([bits, set]) => [bits, listMinutes(set)])),
    probes: Object.fromEntries(looked.filter(([, each]) => each.length > 0)),
  }
}

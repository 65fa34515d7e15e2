import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFolderStore } from '../store/folder/folder-store.ts'
import type { Store } from '../store/store.ts'
import { type Lease, LeaseError, takeLease } from './lease.ts'
import type { Run } from './ledger.ts'

const run = (id: string): Run => ({ id, kind: 'upload', by: 'someone' })

let folder: string
let store: Store
let clock: { ms: number; now: () => Date; sleep: (ms: number) => Promise<void> }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-lease-'))
  store = createFolderStore(folder)
  clock = {
    ms: Date.parse('2026-11-20T21:15:00Z'),
    now: () => new Date(clock.ms),
    sleep: async (ms) => {
      clock.ms += ms
    },
  }
})
afterEach(() => rm(folder, { recursive: true }))

const silent = () => {}

test('one run at a time: the second has it once the first lets go', async () => {
  const first = await takeLease(store, run('1'), clock, silent)
  const told: string[] = []
  const waiting = takeLease(store, run('2'), { ...clock, sleep: () => first.release() }, (line) =>
    told.push(line),
  )
  await (await waiting).renew()
  expect(told).toEqual([
    'Waiting: upload by someone is charging since 2026-11-20T21:15:00.000Z, until 2026-11-20T21:21:00.000Z at the latest',
  ])
})

test('a run that was killed is waited for until its lease ends', async () => {
  await takeLease(store, run('killed'), clock, silent)
  const began = clock.ms
  await takeLease(store, run('2'), clock, silent)
  expect(clock.ms - began).toBe(6 * 60_000)
})

test('a run that renews keeps it; another one gives up after an hour', async () => {
  const first = await takeLease(store, run('1'), clock, silent)
  const sleep = async (ms: number) => {
    clock.ms += ms
    await first.renew()
  }
  await expect(takeLease(store, run('2'), { ...clock, sleep }, silent)).rejects.toThrow(LeaseError)
})

test('a run that was held up goes on if nobody came, and stops if another took over', async () => {
  const first = await takeLease(store, run('1'), clock, silent)
  clock.ms += 7 * 60_000
  await Promise.all([first.renew(), first.renew(), first.renew(), first.renew()])
  clock.ms += 7 * 60_000
  await takeLease(store, run('2'), clock, silent)
  await expect(first.renew()).rejects.toThrow('another one may have taken over')
  await first.release()
  const told: string[] = []
  await takeLease(store, run('3'), clock, (line) => told.push(line))
  expect(told).toHaveLength(1)
})

describe.each(['refuses', 'ignores'] as const)('on a server that %s conditions', (what) => {
  /** Many servers have no conditional writes at all. */
  const plain = (): Store => ({
    ...store,
    put: async (key, bytes, condition) =>
      condition && what === 'refuses' ? { outcome: 'unsupported' } : store.put(key, bytes),
  })

  test('of several that ask at once, one has it', async () => {
    const server = plain()
    const holders: string[] = []
    // Everybody sleeps until all have written: the last one has it, the others wait for its lease to end.
    const leases = await Promise.all(
      ['1', '2', '3'].map(async (id) => {
        const lease = await takeLease(server, run(id), clock, silent)
        holders.push(id)
        await lease.release()
        return lease
      }),
    )
    expect(leases).toHaveLength(3)
    expect(new Set(holders).size).toBe(3)
  })

  test('one whose write is held up over the lease of another charges when that has ended', async () => {
    let first: Lease | undefined
    const slow: Store = {
      ...plain(),
      put: async (key, bytes, condition) => {
        if (!first && (!condition || what === 'ignores')) {
          first = await takeLease(plain(), run('1'), clock, silent)
          clock.ms += 8_000
        }
        return plain().put(key, bytes, condition)
      },
    }
    const began = clock.ms
    await takeLease(slow, run('2'), clock, silent)
    expect(clock.ms - began).toBeGreaterThan(6 * 60_000)
    await expect(first?.renew()).rejects.toThrow(LeaseError)
  })

  test('a renewal that is held up for seconds keeps the lease; one that comes back too late does not', async () => {
    let waitMs = 0
    const slow: Store = {
      ...plain(),
      put: async (key, bytes, condition) => {
        if (!condition || what === 'ignores') clock.ms += waitMs
        return plain().put(key, bytes, condition)
      },
    }
    const lease = await takeLease(slow, run('1'), clock, silent)
    clock.ms += 4 * 60_000
    waitMs = 10_000
    await lease.renew()
    clock.ms += 4 * 60_000
    waitMs = 3 * 60_000
    await expect(lease.renew()).rejects.toThrow(LeaseError)
  })

  test('where every write is held up, it gives up after an hour', async () => {
    const slow: Store = {
      ...plain(),
      put: async (key, bytes, condition) => {
        clock.ms += 4_000
        return plain().put(key, bytes, condition)
      },
    }
    await expect(takeLease(slow, run('1'), clock, silent)).rejects.toThrow(
      'each write to the store took so long',
    )
  })
})

test('once it is released, nothing more is posted under it', async () => {
  const lease = await takeLease(store, run('1'), clock, silent)
  await lease.release()
  await expect(lease.renew()).rejects.toThrow(LeaseError)
})

test.each([
  [59_999, 0],
  [60_000, 1],
])('%i ms after it was taken it is renewed so often: %i', async (ms, times) => {
  let renewals = 0
  const counting: Store = {
    ...store,
    put: (key, bytes, condition) => {
      if (condition && 'ifMatch' in condition) renewals += 1
      return store.put(key, bytes, condition)
    },
  }
  const lease = await takeLease(counting, run('1'), clock, silent)
  clock.ms += ms
  await lease.renew()
  expect(renewals).toBe(times)
  // From then on it lasts another six minutes, longer than one post is tried.
  clock.ms += 6 * 60_000 - (times === 0 ? ms : 0) - 1
  const told: string[] = []
  await takeLease(store, run('2'), clock, (line) => told.push(line))
  expect(told).toHaveLength(1)
})

test.each([
  ['a lease that ends this moment', 0, false],
  ['a millisecond later', 1, true],
  ['as late as a lease can end by two clocks', 12 * 60_000, true],
  ['later than any', 12 * 60_000 + 1, false],
])('%s is waited for: %s', async (_, ms, isWaitedFor) => {
  const held = {
    version: 1,
    holder: 'another',
    what: 'upload by another',
    since: clock.now().toISOString(),
    until: new Date(clock.ms + ms).toISOString(),
  }
  await store.put('jobs/charging.json', Buffer.from(JSON.stringify(held)))
  const told: string[] = []
  await takeLease(store, run('1'), clock, (line) => told.push(line))
  expect(told).toHaveLength(isWaitedFor ? 1 : 0)
})

test('it gives up when it has waited for more than an hour, to the next look', async () => {
  const first = await takeLease(store, run('1'), clock, silent)
  const began = clock.ms
  const sleep = async (ms: number) => {
    clock.ms += ms
    await first.renew()
  }
  await expect(takeLease(store, run('2'), { ...clock, sleep }, silent)).rejects.toThrow(
    'upload by someone has been charging since',
  )
  expect(clock.ms - began).toBe(60 * 60_000 + 2_000)
})

test('what another holds is not given back', async () => {
  const first = await takeLease(store, run('1'), clock, silent)
  clock.ms += 6 * 60_000
  await takeLease(store, run('2'), clock, silent)
  await first.release()
  const there = await store.get('jobs/charging.json')
  expect(JSON.parse(String(there?.bytes))).toMatchObject({ holder: '2' })
})

test('a damaged lease is not taken for a free one', async () => {
  await store.put('jobs/charging.json', Buffer.from('{}'))
  await expect(takeLease(store, run('1'), clock, silent)).rejects.toThrow(
    "Can't use jobs/charging.json",
  )
})

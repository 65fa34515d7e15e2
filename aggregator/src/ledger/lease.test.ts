import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withStoreClock } from '../../testing/store-clock.ts'
import { testTime } from '../../testing/test-time.ts'
import { createFolderStore } from '../store/folder/folder-store.ts'
import { type Store, StoreError } from '../store/store.ts'
import {
  AlreadyCharging,
  type Charger,
  fenced,
  type Lease,
  type LeaseClock,
  LeaseError,
  takeLease,
  type Waiting,
} from './lease.ts'

const KEY = 'jobs/charging.json'
const BEGIN = Date.parse('2026-11-20T21:15:00Z')
const SECOND = 1_000
const run = (id: string): Charger => ({ id, kind: 'upload', by: 'someone' })

let folder: string
let store: Store
let clock: { now: Date }
let time: LeaseClock
let setAside: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'presences-lease-'))
  clock = { now: new Date(BEGIN) }
  store = withStoreClock(createFolderStore(folder), () => clock.now)
  time = testTime(clock)
  setAside = []
})
afterEach(() => rm(folder, { recursive: true }))

const silent = () => {}
const elapsed = () => clock.now.getTime() - BEGIN
const later = (ms: number) => {
  clock.now = new Date(clock.now.getTime() + ms)
}
/** A run that does nothing in the background: killed, or held up. */
const still = (): LeaseClock => ({ ...time, every: () => () => {} })
const take = (id: string, from = store, onWait: (waiting: Waiting) => void = silent, by = time) =>
  takeLease(from, run(id), by, onWait, {
    now: by.now,
    onSetAside: (message) => setAside.push(message),
  })

test('one run at a time: the second has it once the first lets go', async () => {
  const first = await take('1')
  const told: Waiting[] = []
  const sleep = () => first.release()
  const second = await take('2', store, (waiting) => told.push(waiting), { ...time, sleep })
  await second.renew()
  expect(told).toEqual([
    {
      message: 'Waiting: upload by someone is charging since 2026-11-20T21:15:00.000Z',
      retryAfterSeconds: 50,
    },
  ])
  await second.release()
})

test('who would rather come back than wait is told whom it would wait for', async () => {
  await take('1', store, silent, still())
  later(20 * SECOND)
  const refused = take('2', store, (waiting) => {
    throw new AlreadyCharging(waiting)
  })
  await expect(refused).rejects.toMatchObject({
    message:
      'Not begun: upload by someone is charging since 2026-11-20T21:15:00.000Z. Ask again in a while.',
    retryAfterSeconds: 32,
  })
})

describe('a run that was killed', () => {
  test.each([
    ['says when it was written', true],
    ['tells no time', false],
  ])('is waited for under a minute, where the store %s', async (_, tells) => {
    const asked: Store = {
      ...store,
      get: async (key) => {
        const object = await store.get(key)
        return object && (tells ? object : { bytes: object.bytes, etag: object.etag })
      },
    }
    await take('killed', asked, silent, still())
    await take('2', asked, silent, still())
    expect(elapsed()).toBeGreaterThanOrEqual(50 * SECOND)
    expect(elapsed()).toBeLessThan(60 * SECOND)
  })

  test('long ago is not waited for at all', async () => {
    await take('killed', store, silent, still())
    later(3_600 * SECOND)
    await take('2', store, silent, still())
    expect(elapsed()).toBe(3_600 * SECOND)
  })

  test.each([-10 * 60, 10 * 60])(
    'is waited for as long by a clock %d s off',
    async (offSeconds) => {
      await take('killed', store, silent, still())
      const now = () => new Date(clock.now.getTime() + offSeconds * SECOND)
      await take('2', store, silent, { ...still(), now })
      expect(elapsed()).toBeGreaterThanOrEqual(50 * SECOND)
      expect(elapsed()).toBeLessThan(60 * SECOND)
    },
  )

  test('of a version before that took six minutes is waited for as long', async () => {
    const since = new Date(BEGIN).toISOString()
    const until = new Date(BEGIN + 360 * SECOND).toISOString()
    const held = { version: 1, holder: 'old', what: 'nightly by timer', since, until }
    await store.put(KEY, Buffer.from(JSON.stringify(held)))
    await take('2', store, silent, still())
    expect(elapsed()).toBeGreaterThanOrEqual(360 * SECOND)
    expect(elapsed()).toBeLessThan(370 * SECOND)
  })
})

test('a run that lives keeps it, without being asked; another one gives up after an hour', async () => {
  // Renewed without a wait: this time does not wait for a disk.
  const quick = withStoreClock(inMemory(), () => clock.now)
  const first = await take('1', quick)
  await expect(take('2', quick)).rejects.toThrow(LeaseError)
  expect(elapsed()).toBeGreaterThan(3_600 * SECOND)
  await first.renew()
  await first.release()
})

describe('before a post', () => {
  /** Renewals need an answer that does not come. */
  const cutOff = (): Store => ({
    ...store,
    put: async (key, ...rest) => {
      if (elapsed() > 0) throw new StoreError(`Write ${key}: no answer`)
      return store.put(key, ...rest)
    },
  })

  test.each([
    [14, 'is sent'],
    [15, 'is not sent'],
  ])('with a lease of %i s before that can not be renewed, it %s', async (seconds, what) => {
    const lease = await take('1', cutOff(), silent, still())
    later(seconds * SECOND)
    const renewed = lease.renew()
    if (what === 'is sent') await renewed
    else await expect(renewed).rejects.toThrow(StoreError)
  })

  test('a run that was held up goes on if nobody came, and stops if another took over', async () => {
    const first = await take('1', store, silent, still())
    later(420 * SECOND)
    await Promise.all([first.renew(), first.renew(), first.renew(), first.renew()])
    later(420 * SECOND)
    await take('2', store, silent, still())
    await expect(first.renew()).rejects.toThrow('another one may have taken over')
    await first.release()
    const told: Waiting[] = []
    await take('3', store, (waiting) => told.push(waiting), still())
    expect(told).toHaveLength(1)
  })

  test('a renewal whose answer was lost is known as its own', async () => {
    let isLosing = false
    const losing: Store = {
      ...store,
      put: async (...asked) => {
        const put = await store.put(...asked)
        return isLosing ? { outcome: 'conflict' } : put
      },
    }
    const lease = await take('1', losing, silent, still())
    isLosing = true
    later(40 * SECOND)
    await lease.renew()
    isLosing = false
    later(40 * SECOND)
    await lease.renew()
  })
})

test('once the lease is lost, nothing is written any more', async () => {
  const first = await take('1', store, silent, still())
  const charged = fenced(store, first)
  await charged.put('ledger/a', Buffer.from('1'))
  later(60 * SECOND)
  await take('2', store, silent, still())
  await expect(charged.put('ledger/a', Buffer.from('2'))).rejects.toThrow(LeaseError)
  expect(String((await store.get('ledger/a'))?.bytes)).toBe('1')
})

test('two runs never charge at once, whoever lives, dies or is held up', async () => {
  const seconds = fc.constantFrom(0, 1, 3, 5, 10, 14, 16, 20, 30, 45, 49, 51, 53, 70)
  // A run takes the lease where it can, posts, lets go or is killed; time passes for all, or none of them comes to anything.
  const act = fc.oneof(
    fc.record({ what: fc.constantFrom('post', 'let go', 'kill'), run: fc.nat(1), seconds }),
    fc.record({ what: fc.constantFrom('wait', 'held up'), run: fc.constant(-1), seconds }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
      const crowd = crowdOf()
      for (const { what, run: id, seconds: some } of acts) {
        if (what === 'wait') await crowd.wait(some * SECOND)
        else if (what === 'held up') crowd.jump(some * SECOND)
        else if (what === 'post') await crowd.post(id)
        else if (what === 'let go') await crowd.letGo(id)
        else crowd.kill(id)
      }
    }),
    { numRuns: 1_000, examples: [[SENT_LATE_AND_KILLED]] },
  )
})

/** What it sent right before its lease was over may arrive later. */
const SENT_LATE_AND_KILLED = [
  { what: 'post', run: 0, seconds: 0 },
  { what: 'held up', run: -1, seconds: 49 },
  { what: 'post', run: 0, seconds: 0 },
  { what: 'kill', run: 0, seconds: 0 },
  { what: 'wait', run: -1, seconds: 5 },
  { what: 'post', run: 1, seconds: 0 },
]

/** Runs on one store; it fails when one posts while a post of another may still arrive. */
function crowdOf() {
  const own = { now: new Date(BEGIN) }
  const objects = withStoreClock(inMemory(), () => own.now)
  const ticking = testTime(own)
  const runs = new Map<number, { lease: Lease; stop: () => void }>()
  const lands = new Map<number, number>()
  let begun = 0

  return { wait: ticking.sleep, jump, post, letGo, kill }

  function jump(ms: number): void {
    own.now = new Date(own.now.getTime() + ms)
  }

  async function begin(id: number) {
    const stops: (() => void)[] = []
    const every: LeaseClock['every'] = (ms, action) => {
      const stop = ticking.every(ms, action)
      stops.push(stop)
      return stop
    }
    const refuse = (waiting: Waiting) => {
      throw new AlreadyCharging(waiting)
    }
    begun += 1
    const aside = { now: ticking.now, onSetAside: silent }
    const lease = await takeLease(objects, run(`${begun}`), { ...ticking, every }, refuse, aside)
    const begunRun = { lease, stop: () => stops.forEach((stop) => void stop()) }
    runs.set(id, begunRun)
    return begunRun
  }

  async function post(id: number): Promise<void> {
    try {
      const { lease } = runs.get(id) ?? (await begin(id))
      await lease.renew()
    } catch (error) {
      if (error instanceof AlreadyCharging) return
      expect(error).toBeInstanceOf(LeaseError)
      kill(id)
      return
    }
    const now = own.now.getTime()
    for (const [other, until] of lands) expect(other === id || until <= now).toBe(true)
    // At any moment of the thirty seconds that one attempt may take.
    lands.set(id, now + 30 * SECOND)
  }

  async function letGo(id: number): Promise<void> {
    const landed = lands.get(id) ?? 0
    // Its posts have ended by then.
    await ticking.sleep(Math.max(0, landed - own.now.getTime()))
    await runs.get(id)?.lease.release()
    kill(id)
  }

  function kill(id: number): void {
    runs.get(id)?.stop()
    runs.delete(id)
  }
}

/** A store that honours conditions. */
function inMemory(): Store {
  let writes = 0
  const objects = new Map<string, { bytes: Uint8Array; etag: string }>()
  return {
    url: 'memory',
    list: async function* () {},
    folders: async () => [],
    get: async (key) => objects.get(key),
    put: async (key, bytes, condition) => {
      const etag = objects.get(key)?.etag
      const holds =
        !condition || ('ifAbsent' in condition ? etag === undefined : etag === condition.ifMatch)
      if (!holds) return { outcome: 'conflict' }
      writes += 1
      objects.set(key, { bytes, etag: `e${writes}` })
      return { outcome: 'written', etag: `e${writes}` }
    },
  }
}

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
        const lease = await take(id, server, silent, still())
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
          first = await take('1', plain(), silent, still())
          later(8_000)
        }
        return plain().put(key, bytes, condition)
      },
    }
    await take('2', slow, silent, still())
    expect(elapsed()).toBeGreaterThan(50_000)
    await expect(first?.renew()).rejects.toThrow(LeaseError)
  })

  test('a renewal that is held up for seconds keeps the lease; one that comes back too late does not', async () => {
    let waitMs = 0
    const slow: Store = {
      ...plain(),
      put: async (key, bytes, condition) => {
        if (!condition || what === 'ignores') later(waitMs)
        return plain().put(key, bytes, condition)
      },
    }
    const lease = await take('1', slow, silent, still())
    later(30_000)
    waitMs = 10_000
    await lease.renew()
    later(30_000)
    waitMs = 25_000
    await expect(lease.renew()).rejects.toThrow(LeaseError)
  })

  test('where every write is held up, it gives up after an hour', async () => {
    const slow: Store = {
      ...plain(),
      put: async (key, bytes, condition) => {
        later(4_000)
        return plain().put(key, bytes, condition)
      },
    }
    await expect(take('1', slow, silent, still())).rejects.toThrow(
      'each write to the store took so long',
    )
  })
})

test('once it is released, nothing more is posted under it', async () => {
  const lease = await take('1', store, silent, still())
  await lease.release()
  await expect(lease.renew()).rejects.toThrow(LeaseError)
})

test.each([
  [14_999, 0],
  [15_000, 1],
])('%i ms after it was taken it is renewed so often: %i', async (ms, times) => {
  let renewals = 0
  const counting: Store = {
    ...store,
    put: (key, bytes, condition) => {
      if (elapsed() > 0) renewals += 1
      return store.put(key, bytes, condition)
    },
  }
  const lease = await take('1', counting, silent, still())
  later(ms)
  await lease.renew()
  expect(renewals).toBe(times)
  // From then on it lasts another fifty seconds, longer than one attempt of a post takes.
  later(50 * SECOND - (times === 0 ? ms : 0) - 1)
  const told: Waiting[] = []
  await take('2', store, (waiting) => told.push(waiting), still())
  expect(told).toHaveLength(1)
})

test.each([
  ['that ends this moment', 0, 0],
  ['of a millisecond', 1, 2_000],
  ['of six minutes, as programs of before had it', 360_000, 362_000],
  ['of more than any has, by a clock that was set meanwhile', 86_400_000, 362_000],
])('a lease %s is waited for so long: %i ms, %i', async (_, ms, waitedMs) => {
  const held = {
    version: 1,
    holder: 'another',
    what: 'upload by another',
    since: clock.now.toISOString(),
    until: new Date(clock.now.getTime() + ms).toISOString(),
  }
  await store.put(KEY, Buffer.from(JSON.stringify(held)))
  await take('1', store, silent, still())
  expect(elapsed()).toBeGreaterThanOrEqual(Math.min(ms, 360_000))
  expect(elapsed()).toBeLessThanOrEqual(waitedMs)
})

test('it gives up when it has waited for more than an hour, to the next look', async () => {
  const quick = withStoreClock(inMemory(), () => clock.now)
  await take('1', quick)
  await expect(take('2', quick)).rejects.toThrow('upload by someone has been charging since')
  expect(elapsed()).toBe(3_600 * SECOND + 2_000)
})

test('what another holds is not given back', async () => {
  const first = await take('1', store, silent, still())
  later(60 * SECOND)
  await take('2', store, silent, still())
  await first.release()
  expect(JSON.parse(String((await store.get(KEY))?.bytes))).toMatchObject({ holder: '2' })
})

describe('a damaged lease', () => {
  test.each(['{}', 'no JSON', '{"version":1,"holder":7}'])(
    '%s is taken once whoever may hold it has lost it, and set aside',
    async (text) => {
      await store.put(KEY, Buffer.from(text))
      const lease = await take('1', store, silent, still())
      expect(elapsed()).toBeGreaterThanOrEqual(50 * SECOND)
      expect(elapsed()).toBeLessThan(60 * SECOND)
      await lease.renew()
      const [message = ''] = setAside
      const [, copy = ''] = /it is kept as (\S+),/.exec(message) ?? []
      expect(copy).toMatch(/^jobs\/damaged\/charging\.json-/)
      expect(String((await store.get(copy))?.bytes)).toBe(text)
    },
  )

  test('stops the run whose it was before anybody takes it', async () => {
    const first = await take('1', store, silent, still())
    await store.put(KEY, Buffer.from('{}'))
    later(20 * SECOND)
    await expect(first.renew()).rejects.toThrow(LeaseError)
  })

  test('of another version is refused', async () => {
    await store.put(KEY, Buffer.from('{"version":2}'))
    await expect(take('1')).rejects.toThrow('it has version 2, this program knows 1')
  })
})

import { epochMinuteOf, type LocalDay, parseRawKey } from '@presences/shared'
import { expect, test } from 'vitest'
import type { Pack, WaitingMinute } from '../spool/contents.ts'
import type { RcloneRun } from './rclone.ts'
import { type SendDeps, sendWaiting } from './send-waiting.ts'

const NEVER = new AbortController().signal
const DENIED = 'AccessDenied: no status code: 403'
const DOWN = 'SlowDown: no status code: 503'

/** A file at this UTC time of a day of winter (Paris is an hour ahead). */
function minute(day: string, time: string): WaitingMinute {
  const path = `poulailler/${day}/${day.replaceAll('-', '')}T${time}Z-box.tsv`
  const key = parseRawKey(`presences/${path}`)
  if (key?.kind !== 'minute') throw new Error(path)
  return { location: key.location, day: key.day, minute: key.minute, probe: key.probe, path }
}

function pack(day: string, hours: 'open' | 'closed', ...times: string[]): Pack {
  const first = epochMinuteOf(new Date(`${day}T00:00Z`))
  const file = `${day}-${hours}:${times.join()}`
  return { location: 'poulailler', day: day as LocalDay, hours, first, count: times.length, file }
}

/** A bucket that refuses a file for a reason, and takes the others; each run lasts so long. */
function bucket(refuses: (path: string) => string | undefined = () => undefined, runMs = 1000) {
  const runs: string[][] = []
  let elapsed = 0
  const move = async (paths: readonly string[]): Promise<RcloneRun> => {
    runs.push(paths.map((path) => path.slice('poulailler/'.length).replace('Z-box.tsv', '')))
    elapsed += runMs
    const log = paths.map((path) => {
      const reason = refuses(path)
      return reason ? `ERROR : ${path}: Failed to copy: ${reason}\n` : `INFO  : ${path}: Deleted\n`
    })
    return { log: log.join(''), end: { status: log.some((line) => /^E/.test(line)) ? 1 : 0 } }
  }
  const unpack: SendDeps['unpack'] = async ({ day, file }) =>
    (file.split(':')[1] ?? '').split(',').map((time) => minute(day, time))
  const deps: SendDeps = {
    timeZone: 'Europe/Paris',
    configPath: '/rclone.conf',
    elapsedMs: () => elapsed,
    stop: NEVER,
    move,
    unpack,
  }
  return { deps, runs }
}

test('the newest alone, then the oldest opening hours, then the hours that count for nobody', async () => {
  const { deps, runs } = bucket()
  const minutes = [
    minute('2026-11-22', '0201'),
    minute('2026-11-22', '0900'),
    minute('2026-11-21', '2100'),
    minute('2026-11-21', '2059'),
    minute('2026-11-22', '0901'),
    minute('2026-11-21', '0700'),
    minute('2026-11-22', '0659'),
    minute('2026-11-23', '0200'),
  ]
  expect(await sendWaiting({ minutes, packs: [] }, deps)).toEqual({
    shipped: 8,
    reasons: [],
    problems: [],
  })
  expect(runs).toEqual([
    ['2026-11-23/20261123T0200'],
    ['2026-11-21/20261121T0700', '2026-11-21/20261121T2059'],
    ['2026-11-22/20261122T0900', '2026-11-22/20261122T0901'],
    ['2026-11-21/20261121T2100'],
    ['2026-11-22/20261122T0201', '2026-11-22/20261122T0659'],
  ])
})

test('a pack is unpacked when it is its turn, and not before the bucket works', async () => {
  const packs = [pack('2026-11-02', 'closed', '0200'), pack('2026-11-02', 'open', '0900', '0901')]
  const minutes = [minute('2026-11-23', '0900')]
  const works = bucket()
  expect(await sendWaiting({ minutes, packs }, works.deps)).toMatchObject({ shipped: 4 })
  expect(works.runs.map((paths) => paths.length)).toEqual([1, 2, 1])

  const down = bucket(() => DOWN)
  const unpacked: Pack[] = []
  const unpack = async (one: Pack) => {
    unpacked.push(one)
    return []
  }
  expect(await sendWaiting({ minutes, packs }, { ...down.deps, unpack })).toMatchObject({
    shipped: 0,
    reasons: [DOWN],
  })
  expect([down.runs.length, unpacked]).toEqual([1, []])
})

test('nothing but packs: the first file of the first alone', async () => {
  const down = bucket(() => DOWN)
  const packs = [pack('2026-11-02', 'open', '0900', '0901'), pack('2026-11-03', 'open', '0900')]
  expect(await sendWaiting({ minutes: [], packs }, down.deps)).toMatchObject({ shipped: 0 })
  expect(down.runs).toEqual([['2026-11-02/20261102T0900']])
})

test('a pack that can not be unpacked is told, and holds up no other', async () => {
  const { deps } = bucket()
  const unpack: SendDeps['unpack'] = async (one) => {
    if (one.day === '2026-11-02') throw new Error("Can't unpack x: no room")
    return deps.unpack(one)
  }
  const packs = [pack('2026-11-02', 'open', '0900'), pack('2026-11-03', 'open', '0900')]
  const sent = await sendWaiting({ minutes: [], packs }, { ...deps, unpack })
  expect(sent).toMatchObject({ shipped: 1, reasons: [] })
  expect(sent.problems[0]).toMatch(/^Can't unpack x: no room\. To do: /)
})

const MINUTES = ['0900', '0901', '0902', '0903'].map((time) => minute('2026-11-21', time))

test.each([
  ['all for a reason of all', () => DOWN, 0, 1],
  ['all, each for itself', () => DENIED, 0, 2],
  ['the newest for itself', (path: string) => (path.includes('0903') ? DENIED : undefined), 3, 3],
  ['the oldest for itself', (path: string) => (path.includes('0900') ? DENIED : undefined), 3, 2],
])('refused: %s', async (_, refuses, shipped, runs) => {
  const refusing = bucket(refuses)
  const sent = await sendWaiting({ minutes: MINUTES, packs: [] }, refusing.deps)
  expect([sent.shipped, refusing.runs.length]).toEqual([shipped, runs])
})

/** All opening hours but two of a day. */
const TIMES = Array.from({ length: 720 }, (_, at) => {
  const hour = `${8 + Math.floor(at / 60)}`.padStart(2, '0')
  return minute('2026-11-21', `${hour}${`${at % 60}`.padStart(2, '0')}`)
})

test('batches of 200', async () => {
  const { deps, runs } = bucket()
  expect(await sendWaiting({ minutes: TIMES, packs: [] }, deps)).toMatchObject({ shipped: 720 })
  expect(runs.map((paths) => paths.length)).toEqual([1, 200, 200, 200, 119])
})

test.each([
  [40_000, 601],
  [40_001, 401],
  [60_000, 401],
  [60_001, 201],
])('batches of %i ms, until two minutes are over: %i files', async (runMs, shipped) => {
  const { deps } = bucket(undefined, runMs)
  const sent = await sendWaiting({ minutes: TIMES, packs: [] }, deps)
  expect(sent).toEqual({ shipped, reasons: [], problems: [] })
})

test.each([
  ['missing', ['rclone is not installed']],
  ['timed-out', ['rclone did not end within 300 s']],
  [{ signal: 'SIGSEGV' }, ['rclone was killed (SIGSEGV)']],
  [{ status: 7 }, ['rclone ended with status 7 and gave no reason']],
  [{ status: 0 }, []],
] as const)('an end of rclone: %j', async (end, reasons) => {
  const { deps } = bucket()
  const move = async () => ({ log: '', end })
  const sent = await sendWaiting({ minutes: MINUTES.slice(0, 1), packs: [] }, { ...deps, move })
  expect(sent.reasons).toEqual(reasons)
})

test('told to end, it says so once, and tries no more', async () => {
  const stop = new AbortController()
  const { deps, runs } = bucket()
  const move: SendDeps['move'] = async (paths, timeoutMs) => {
    if (runs.length === 1) stop.abort()
    return deps.move(paths, timeoutMs)
  }
  const sent = await sendWaiting(
    { minutes: MINUTES, packs: [pack('2026-11-22', 'open', '0900')] },
    { ...deps, move, stop: stop.signal },
  )
  expect(sent.reasons).toEqual(['rclone was ended before it was done'])
  expect(runs).toHaveLength(2)
})

/** The loop in virtual time: only sleeping and scanning let it pass. */
import { expect, test } from 'vitest'
import { watch } from './watch.ts'

const MINUTE = 60_000
const START = Date.parse('2026-11-22T07:12:34.567Z')

interface Script {
  /** How long each scan lasts, in turn; then 800 ms each. */
  readonly scanMs?: readonly number[]
  /** What each sleep does to the clock besides passing: early wakes, steps. */
  readonly stepsMs?: readonly number[]
  readonly failing?: readonly number[]
  readonly scans: number
}

/** Runs the loop until it has begun a number of scans; gives the instants they began and the log. */
async function runWatch(script: Script) {
  const stop = new AbortController()
  const begins: Date[] = []
  const log: string[] = []
  let clock = START
  let sleeps = 0
  let running = 0
  await watch(stop.signal, {
    now: () => new Date(clock),
    sleep: async (ms) => {
      expect(ms).toBeGreaterThan(0)
      expect(ms).toBeLessThanOrEqual(MINUTE)
      clock += ms + (script.stepsMs?.[sleeps] ?? 0)
      sleeps += 1
    },
    record: async (begun) => {
      running += 1
      expect(running).toBe(1)
      begins.push(begun)
      if (begins.length === script.scans) stop.abort()
      await Promise.resolve()
      clock += script.scanMs?.[begins.length - 1] ?? 800
      running -= 1
      if (script.failing?.includes(begins.length)) throw new Error('the disk is full')
    },
    log: (sentence) => log.push(sentence),
  })
  return { begins: begins.map((begun) => begun.toISOString().slice(11, 23)), log }
}

test('scans start on the minute and do not drift', async () => {
  const { begins, log } = await runWatch({ scans: 4 })
  expect(begins).toEqual(['07:13:00.000', '07:14:00.000', '07:15:00.000', '07:16:00.000'])
  expect(log).toEqual([])
})

test('a timer that wakes early does not scan a minute twice', async () => {
  const { begins } = await runWatch({ scans: 2, stepsMs: [-3, 0, -1] })
  expect(begins).toEqual(['07:13:00.000', '07:14:00.000'])
})

test('a timer that wakes late does not shift the next scan', async () => {
  const { begins } = await runWatch({ scans: 2, stepsMs: [250] })
  expect(begins).toEqual(['07:13:00.250', '07:14:00.000'])
})

test.each([
  [59_000, '07:14:00.000', []],
  [61_000, '07:15:00.000', ['1 minute began during the scan of 2026-11-22T07:13Z']],
  [150_000, '07:16:00.000', ['2 minutes began during the scan of 2026-11-22T07:13Z']],
])('a scan of %i ms: the next is at %s', async (scanMs, next, messages) => {
  const { begins, log } = await runWatch({ scans: 2, scanMs: [scanMs] })
  expect(begins[1]).toBe(next)
  expect(log.map((sentence) => sentence.split(' and ')[0])).toEqual(messages)
})

test('a failed scan is logged and the loop goes on', async () => {
  const { begins, log } = await runWatch({ scans: 3, failing: [1, 2] })
  expect(begins).toHaveLength(3)
  expect(log).toEqual(['the disk is full', 'the disk is full'])
})

test('a clock set back does not stop the probe', async () => {
  const { begins } = await runWatch({ scans: 2, stepsMs: [0, -3 * 60 * MINUTE] })
  expect(begins).toEqual(['07:13:00.000', '04:14:00.000'])
})

test('a clock set forward does not either', async () => {
  const { begins } = await runWatch({ scans: 2, stepsMs: [0, 3 * 60 * MINUTE] })
  expect(begins).toEqual(['07:13:00.000', '10:14:00.000'])
})

test('told to end while it waits, it does not scan', async () => {
  const stop = new AbortController()
  let scans = 0
  await watch(stop.signal, {
    now: () => new Date(START),
    sleep: async (_, signal) => {
      expect(signal.aborted).toBe(false)
      stop.abort()
      // Else it would go on to sleep.
      expect(signal.aborted).toBe(true)
    },
    record: async () => {
      scans += 1
    },
    log: () => undefined,
  })
  expect(scans).toBe(0)
})

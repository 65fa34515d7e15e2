/** A machine that starts, is synchronized, is set, starts again. Its clock and uptime are numbers here. */
import { expect, test } from 'vitest'
import { machineClock } from './clock.ts'
import type { ClockMemory } from './judge-clock.ts'
import type { SyncAnswer } from './synchronizer.ts'

const RIGHT = Date.parse('2026-11-22T07:12:04Z')
const MINUTE = 60_000

function machine() {
  let memory: ClockMemory | undefined
  const state = {
    ms: RIGHT,
    uptimeMs: 30_000,
    bootId: 'first',
    answer: { isSynchronized: false, finding: 'no' } as SyncAnswer,
    asked: 0,
  }
  const clock = () =>
    machineClock({
      basis: 'synchronized',
      timeZone: 'Europe/Paris',
      now: () => new Date(state.ms),
      uptimeMs: () => state.uptimeMs,
      bootId: state.bootId,
      askSynchronizer: async () => {
        state.asked += 1
        return state.answer
      },
      recall: () => memory,
      remember: (fresh) => {
        memory = fresh
      },
    })
  return {
    state,
    pass(ms = MINUTE) {
      state.ms += ms
      state.uptimeMs += ms
    },
    isRight: async () => (await clock().check(new Date(state.ms))).isRight,
    why: async () => {
      const verdict = await clock().check(new Date(state.ms))
      return verdict.isRight ? verdict.finding : verdict.reason
    },
    clock,
  }
}

test('nothing is known until the clock is set from the network; then it is not asked again', async () => {
  const { state, pass, isRight } = machine()
  expect(await isRight()).toBe(false)
  state.answer = { isSynchronized: true, finding: 'yes' }
  expect(await isRight()).toBe(true)
  // The network goes, and with it the kernel's flag: the clock goes on as it went.
  state.answer = { isSynchronized: false, finding: 'no' }
  for (let minutes = 0; minutes < 3; minutes += 1) {
    pass()
    expect(await isRight()).toBe(true)
  }
  expect(state.asked).toBe(2)
})

test.each([3 * 3_600_000, -3 * 3_600_000])(
  'a clock set by %d ms is not known until it is synchronized',
  async (stepMs) => {
    const { state, pass, isRight, why } = machine()
    state.answer = { isSynchronized: true, finding: 'yes' }
    expect(await isRight()).toBe(true)
    state.answer = { isSynchronized: false, finding: 'no' }
    state.ms += stepMs
    expect(await why()).toContain('the clock was set ')
    pass()
    expect(await isRight()).toBe(false)
    // Set right again, by whom ever: it is the clock that was known.
    state.ms -= stepMs
    expect(await isRight()).toBe(true)
    state.ms += stepMs
    state.answer = { isSynchronized: true, finding: 'yes' }
    expect(await isRight()).toBe(true)
  },
)

test('a slew is no step, however long it goes on', async () => {
  const { state, pass, isRight } = machine()
  state.answer = { isSynchronized: true, finding: 'yes' }
  expect(await isRight()).toBe(true)
  state.answer = { isSynchronized: false, finding: 'no' }
  for (let minutes = 0; minutes < 100; minutes += 1) {
    pass()
    state.ms += 5_000
    expect(await isRight()).toBe(true)
  }
})

test('the mark of systemd-timesyncd counts where the kernel has taken its flag back', async () => {
  const { state, isRight } = machine()
  state.answer = { isSynchronized: false, markMs: 1, finding: 'no' }
  expect(await isRight()).toBe(true)
  // A mark of before the clock was set tells nothing of it.
  state.ms += 3_600_000
  expect(await isRight()).toBe(false)
  state.answer = { isSynchronized: false, markMs: 2, finding: 'no' }
  expect(await isRight()).toBe(true)
})

test('a mark that was left before the clock was set does not count, however new it is', async () => {
  const { state, pass, isRight } = machine()
  state.answer = { isSynchronized: true, markMs: 1, finding: 'yes' }
  expect(await isRight()).toBe(true)
  // systemd-timesyncd leaves a mark each time it asks its server; nobody looks while the clock is right.
  pass()
  state.answer = { isSynchronized: false, markMs: 2, finding: 'no' }
  expect(await isRight()).toBe(true)
  state.ms += 3_600_000
  expect(await isRight()).toBe(false)
  pass()
  expect(await isRight()).toBe(false)
  state.answer = { isSynchronized: false, markMs: 3, finding: 'no' }
  expect(await isRight()).toBe(true)
  // And once more, from the mark that counted then.
  state.ms += 3_600_000
  expect(await isRight()).toBe(false)
  expect(await isRight()).toBe(false)
})

test('a scan that began a while before it asks is judged by the time it began at', async () => {
  const { state, pass, clock } = machine()
  state.answer = { isSynchronized: true, finding: 'yes' }
  await clock().check(new Date(state.ms))
  const begun = new Date(state.ms)
  pass(15_000)
  state.answer = { isSynchronized: false, finding: 'no' }
  expect((await clock().check(begun)).isRight).toBe(true)
})

test('a clock that is asked again and again is compared with how it was each time', async () => {
  const { state, pass, clock } = machine()
  state.answer = { isSynchronized: true, finding: 'yes' }
  const watched = clock()
  for (let minutes = 0; minutes < 5; minutes += 1) {
    pass()
    // Slewed, by less than a step.
    state.ms += 5_000
    await watched.check(new Date(state.ms))
    expect(watched.hasStepped()).toBe(false)
  }
})

test('a clock that is trusted is not known: what is remembered of it would be believed later', async () => {
  const remembered: ClockMemory[] = []
  const trusted = machineClock({
    basis: 'trusted',
    timeZone: 'Europe/Paris',
    now: () => new Date(RIGHT),
    uptimeMs: () => 30_000,
    bootId: 'first',
    askSynchronizer: () => Promise.reject(new Error('nobody asks')),
    recall: () => undefined,
    remember: (memory) => remembered.push(memory),
  })
  expect(await trusted.check(new Date(RIGHT))).toEqual({
    isRight: true,
    finding: 'trusted (PROBE_CLOCK)',
  })
  expect(remembered).toEqual([])
})

test('what was known before the machine started again is known no more', async () => {
  const { state, isRight } = machine()
  state.answer = { isSynchronized: true, finding: 'yes' }
  expect(await isRight()).toBe(true)
  state.answer = { isSynchronized: false, finding: 'no' }
  state.bootId = 'second'
  expect(await isRight()).toBe(false)
})

test.each([
  [0, false],
  [10_000, false],
  [10_001, true],
  [-10_001, true],
])('set by %d ms during the scan: %s', async (stepMs, hasStepped) => {
  const { state, pass, clock } = machine()
  state.answer = { isSynchronized: true, finding: 'yes' }
  const checked = clock()
  await checked.check(new Date(state.ms))
  pass(800)
  state.ms += stepMs
  expect(checked.hasStepped()).toBe(hasStepped)
})

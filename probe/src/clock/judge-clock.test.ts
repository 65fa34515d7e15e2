import { expect, test } from 'vitest'
import { type ClockFacts, formatStep, isClockMemory, judgeClock, MADE } from './judge-clock.ts'

const NOW = new Date('2026-11-22T07:12:04Z')
const UPTIME_MS = 3_600_000
const MEMORY = { bootId: 'this', offsetMs: NOW.getTime() - UPTIME_MS }

function facts(parts: Partial<ClockFacts> = {}): ClockFacts {
  return {
    now: NOW,
    timeZone: 'Europe/Paris',
    basis: 'synchronized',
    bootId: 'this',
    uptimeMs: UPTIME_MS,
    memory: MEMORY,
    ...parts,
  }
}

test.each([
  ['known since the machine started', {}, { verdict: 'right' }],
  ['nothing remembered', { memory: undefined }, { verdict: 'ask' }],
  ['remembered of another start', { bootId: 'other' }, { verdict: 'ask' }],
  ['10 s ahead', { uptimeMs: UPTIME_MS - 10_000 }, { verdict: 'right' }],
  ['10 s behind', { uptimeMs: UPTIME_MS + 10_000 }, { verdict: 'right' }],
  ['set forward', { uptimeMs: UPTIME_MS - 10_001 }, { verdict: 'ask', stepMs: 10_001 }],
  ['set back', { uptimeMs: UPTIME_MS + 10_001 }, { verdict: 'ask', stepMs: -10_001 }],
  ['trusted, whatever happened', { basis: 'trusted', memory: undefined }, { verdict: 'right' }],
  ['the very instant it was made', { now: MADE, basis: 'trusted' }, { verdict: 'right' }],
] as const)('%s', (_, parts, judgement) => {
  expect(judgeClock(facts(parts))).toEqual(judgement)
})

test.each(['synchronized', 'trusted'] as const)('before this was made, %s is wrong', (basis) => {
  const judgement = judgeClock(facts({ now: new Date(MADE.getTime() - 1), basis }))
  expect(judgement).toEqual({
    verdict: 'wrong',
    reason: 'the clock shows 2026-11-01T00:59:59+01:00, before this program was made',
  })
})

test.each([
  [10_500, 'forward by 11 s'],
  [-119_000, 'back by 119 s'],
  [-120_000, 'back by 2 min'],
  [7_200_000, 'forward by 2 h'],
  [-90 * 86_400_000, 'back by 90 days'],
])('a step of %d ms is told as %s', (stepMs, told) => {
  expect(formatStep(stepMs)).toBe(told)
})

test.each([
  [MEMORY, true],
  [{ ...MEMORY, markMs: 1.5 }, true],
  [{ ...MEMORY, isMarkStale: true }, true],
  [{ ...MEMORY, isMarkStale: 'x' }, false],
  [{ ...MEMORY, markMs: 'x' }, false],
  [{ bootId: 'this' }, false],
  [{ bootId: 1, offsetMs: 1 }, false],
  [null, false],
  ['text', false],
])('a memory %o: %s', (value, isOne) => {
  expect(isClockMemory(value)).toBe(isOne)
})

import { type DayWindow, dayWindow, instantOf, type LocalDay } from '@presences/shared'
import { describe, expect, test } from 'vitest'
import type { Coverage } from '../domain/coverage.ts'
import { DEFAULT_RULE } from '../domain/rule.ts'
import { type DayRollup, emptyRollup } from '../rollup/day-rollup.ts'
import { addMinute, emptyMinutes, type MinuteSet } from '../rollup/minute-set.ts'
import { coverageOf, coveragePercent, isIncomplete, lookGaps } from './coverage.ts'
import { slotTable } from './slots.ts'

const PARIS = 'Europe/Paris'
const ordinary = window('2026-11-20')

function window(day: string): DayWindow {
  return dayWindow(day as LocalDay, PARIS)
}

/** The day as known `elapsed` minutes after its first; by default when it is over. */
function soFar(of: DayWindow, elapsed = of.minutes) {
  const table = slotTable(of, PARIS, DEFAULT_RULE.openingHours)
  return { window: of, table, now: instantOf(of.start + elapsed) }
}

type Span = readonly [from: number, to: number]

function minutes(of: DayWindow, ...spans: readonly Span[]): MinuteSet {
  const set = emptyMinutes(of.minutes)
  for (const [from, to] of spans) for (let at = from; at < to; at += 1) addMinute(set, at)
  return set
}

function rollup(looked: Record<string, MinuteSet>, partial: Record<string, MinuteSet> = {}) {
  const made = emptyRollup('poulailler', ordinary)
  for (const [id, set] of Object.entries(looked)) {
    made.probes.set(id, { looked: set, partial: partial[id] ?? minutes(ordinary) })
  }
  return made
}

function withDayFile(made: DayRollup, seen: MinuteSet): DayRollup {
  made.devices.set(1, seen)
  made.dayFile = { etag: 'a', sizeBytes: 1 }
  return made
}

/** With what a file shows whose scan can't be told to be whole. */
function cut(made: DayRollup): DayRollup {
  made.devices.set(1, minutes(ordinary, [500, 501]))
  return made
}

const OPEN: Span = [480, 1320]
const whole = minutes(ordinary, [0, 1440])

describe('minutes looked at', () => {
  test.each([
    ['the whole day', rollup({ a: whole }), 840],
    ['two probes are a union, not a sum', rollup({ a: whole, b: whole }), 840],
    ['not a minute', rollup({}), 0],
    ['outside the opening hours', rollup({ a: minutes(ordinary, [0, 480], [1320, 1440]) }), 0],
    [
      'one probe after the other',
      rollup({ a: minutes(ordinary, [480, 500]), b: minutes(ordinary, [490, 520]) }),
      40,
    ],
    ['an old day file', withDayFile(rollup({}), minutes(ordinary, OPEN)), undefined],
    ['minutes of a file that was cut', cut(rollup({ a: minutes(ordinary, [480, 490]) })), 10],
    [
      'an old day file until noon, then a probe',
      withDayFile(rollup({ a: minutes(ordinary, [720, 1320]) }), minutes(ordinary, [480, 490])),
      610,
    ],
  ])('%s', (_, made, looked) => {
    expect(coverageOf([made], soFar(ordinary))).toEqual([
      { location: 'poulailler', lookedMinutes: looked, openMinutes: 840 },
    ])
  })

  test.each([
    ['before opening', 480, 0],
    ['in the first minute, which is not over', 480.5, 0],
    ['after the first minute', 481, 1],
    ['on another day', -600, 0],
    ['at closing', 1320, 840],
    ['a year later', 600_000, 840],
  ])('%s', (_, elapsed, open) => {
    expect(coverageOf([rollup({ a: whole })], soFar(ordinary, elapsed))).toEqual([
      { location: 'poulailler', lookedMinutes: open, openMinutes: open },
    ])
  })

  test.each([
    ['2026-03-29', 1380],
    ['2026-10-25', 1500],
  ])('on %s, of %i minutes, the opening hours have as many as ever', (day, count) => {
    const of = window(day)
    expect(of.minutes).toBe(count)
    const made = emptyRollup('a', of)
    expect(coverageOf([made], soFar(of))[0]?.openMinutes).toBe(840)
    const shift = count - 1440
    expect(lookGaps([made], soFar(of))[0]?.holes).toEqual([{ from: 480 + shift, to: 1320 + shift }])
  })
})

describe('holes', () => {
  test('are the opening minutes no probe looked at, as far as the day is over', () => {
    const made = rollup({
      a: minutes(ordinary, [0, 730], [760, 900]),
      b: minutes(ordinary, [735, 740]),
    })
    expect(lookGaps([made], soFar(ordinary, 1000))[0]?.holes).toEqual([
      { from: 730, to: 735 },
      { from: 740, to: 760 },
      { from: 900, to: 1000 },
    ])
  })

  test('a scan of which a part failed is no hole, unless another probe made up for it', () => {
    const partial = minutes(ordinary, [600, 620])
    const alone = lookGaps([rollup({ a: whole }, { a: partial })], soFar(ordinary))[0]
    expect(alone).toMatchObject({ holes: [], partial: [{ from: 600, to: 620 }] })
    const b = minutes(ordinary, [610, 615])
    const helped = lookGaps([rollup({ a: whole, b }, { a: partial })], soFar(ordinary))[0]
    expect(helped?.partial).toEqual([
      { from: 600, to: 610 },
      { from: 615, to: 620 },
    ])
  })

  test('are unknown for an old day file', () => {
    const made = withDayFile(rollup({}), minutes(ordinary, OPEN))
    expect(lookGaps([made], soFar(ordinary))).toEqual([
      { location: 'poulailler', holes: undefined, partial: [] },
    ])
  })
})

const known = (looked: number | undefined, open = 840): Coverage => ({
  location: 'a',
  lookedMinutes: looked,
  openMinutes: open,
})

test.each([
  [671, 840, 80, true],
  [672, 840, 80, false],
  [840, 840, 100, false],
  [839, 840, 100, true],
  [0, 840, 0, false],
  [0, 840, 80, true],
  [undefined, 840, 80, false],
  [0, 0, 80, false],
])(
  '%s of %i minutes looked at, at least %i %% asked for: incomplete is %s',
  (looked, open, min, is) => {
    expect(isIncomplete(known(looked, open), min)).toBe(is)
  },
)

test.each([
  [[known(840), known(840)], 100],
  [[known(840), known(839)], 99],
  [[known(840), known(0)], 50],
  [[known(840), known(undefined)], 100],
  [[known(undefined)], undefined],
  [[known(0, 0)], undefined],
  [[], undefined],
])('the share of all known locations: case %#', (coverages, percent) => {
  expect(coveragePercent(coverages)).toBe(percent)
})

test('where it is open all day, every minute counts, from the first to the last', () => {
  const table = slotTable(ordinary, PARIS, { firstMinute: 0, lastMinute: 1439 })
  const day = { ...soFar(ordinary), table }
  const none = rollup({})
  expect(coverageOf([none], day)[0]?.openMinutes).toBe(1440)
  expect(lookGaps([none], day)[0]?.holes).toEqual([{ from: 0, to: 1440 }])
})

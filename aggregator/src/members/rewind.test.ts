import type { LocalDay, Mac } from '@presences/shared'
import { expect, test } from 'vitest'
import { EMPTY_HISTORY, type Interval, type IntervalOwner, type MapHistory } from './map-history.ts'
import { isOfTheFuture, rewound } from './rewind.ts'

const day = (text: string) => text as LocalDay
const MAC = 'AA:00:00:00:00:01' as Mac
const ANA: IntervalOwner = { kind: 'member', email: 'ana@x', name: 'Ana' }
const BOB: IntervalOwner = { kind: 'member', email: 'bob@x', name: 'Bob' }
const TODAY = day('2026-11-17')
const LAST_RUN = day('2026-11-16')

function held(owner: IntervalOwner, from: string, until?: string, seenOn = from): Interval {
  return {
    owner,
    from: day(from),
    until: until === undefined ? undefined : day(until),
    origin: 'map',
    registeredOn: day(seenOn),
  }
}

function historyOf(intervals: readonly Interval[], observedOn = '2027-04-15'): MapHistory {
  return {
    ...EMPTY_HISTORY,
    firstObservedOn: day('2026-01-01'),
    observedOn: day(observedOn),
    intervals: new Map([[MAC, intervals]]),
  }
}

test.each([
  ['2026-11-16', false],
  ['2026-11-17', false],
  ['2026-11-18', true],
])('a last map of %s is of the future: %s', (observedOn, expected) => {
  const history = historyOf([held(ANA, '2026-01-01')], observedOn)
  expect(isOfTheFuture(history, TODAY)).toBe(expected)
  if (!expected) expect(rewound(history, TODAY, LAST_RUN)).toBe(history)
})

test.each([
  [
    'kept is kept',
    [held(BOB, '2026-01-01', '2026-05-01'), held(ANA, '2026-06-01')],
    [held(BOB, '2026-01-01', '2026-05-01'), held(ANA, '2026-06-01')],
  ],
  [
    'sold by then is its owner’s again',
    [held(ANA, '2026-01-01', '2027-04-14'), held(BOB, '2027-04-15')],
    [held(ANA, '2026-01-01')],
  ],
  [
    'in doubt by then is its owner’s again',
    [
      held(ANA, '2026-01-01', '2026-11-16'),
      held({ kind: 'unsure', name: 'x' }, '2026-11-17', '2027-04-14', '2027-04-15'),
      held(BOB, '2027-04-15'),
    ],
    [held(ANA, '2026-01-01')],
  ],
  [
    'gone by then is there again',
    [held(ANA, '2026-01-01', '2027-04-14')],
    [held(ANA, '2026-01-01')],
  ],
  [
    'gone before stays gone',
    [held(ANA, '2026-01-01', '2026-05-01'), held(BOB, '2027-04-15')],
    [held(ANA, '2026-01-01', '2026-05-01')],
  ],
  ['new by then is not known', [held(BOB, '2027-04-15')], undefined],
])('a device that was %s', (_, before, after) => {
  const { intervals, observedOn } = rewound(historyOf(before), TODAY, LAST_RUN)
  expect(intervals.get(MAC)).toEqual(after)
  expect(observedOn).toBe(LAST_RUN)
})

test('what the history itself saw after the last run is not taken back', () => {
  const sold = [held(ANA, '2026-01-01', '2026-11-16'), held(BOB, '2026-11-17')]
  const history = rewound(historyOf(sold), TODAY, LAST_RUN)
  expect(history.intervals.get(MAC)).toEqual(sold)
  expect(history.observedOn).toBe(TODAY)
})

test('an e-mail that was seen changed by then was changed after the last day that is known', () => {
  const renamed = {
    ...historyOf([held(ANA, '2026-01-01')]),
    renames: [{ from: 'a@x', to: 'ana@x', on: day('2027-04-15') }],
  }
  expect(rewound(renamed, TODAY, day('2026-11-10')).renames).toEqual([
    { from: 'a@x', to: 'ana@x', on: '2026-11-11' },
  ])
})

test('a history that began by then begins anew', () => {
  const history = { ...historyOf([held(ANA, '2027-04-15')]), firstObservedOn: day('2027-04-15') }
  expect(rewound(history, TODAY, undefined)).toEqual({ ...EMPTY_HISTORY })
})

test('since when this system charges is kept', () => {
  const chargedSince = day('2026-01-01')
  const history = { ...historyOf([held(ANA, '2026-01-01')]), chargedSince }
  expect(rewound(history, TODAY, LAST_RUN).chargedSince).toBe(chargedSince)
})

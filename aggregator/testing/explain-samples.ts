/** Days to be explained, for tests: times of the clock in, a real day with its presences out. */
import {
  clockMinutes,
  type DayWindow,
  dayWindow,
  instantOf,
  type LocalDay,
  macFromBits,
} from '@presences/shared'
import type { OwnedDevice, Ownership, OwnershipSource } from '../src/domain/ownership.ts'
import { DEFAULT_RULE } from '../src/domain/rule.ts'
import { type DayToExplain, explainDay } from '../src/explain/explain.ts'
import type { Explanation } from '../src/explain/explanation.ts'
import type { LedgerEntry } from '../src/ledger/ledger.ts'
import { presencesOf } from '../src/presence/presences.ts'
import { type DayRollup, emptyRollup } from '../src/rollup/day-rollup.ts'
import { addMinute, emptyMinutes, type MinuteSet } from '../src/rollup/minute-set.ts'

const PARIS = 'Europe/Paris'
/** The 48 bits of an ordinary MAC: `A4:83:…:01`. */
const FIRST_MAC = 0xa4_83_e7_10_20_01

/** `08:52-12:31`, the last minute included, or a single minute, `08:52`. */
export type Times = readonly string[]

export interface SampleDay {
  readonly day?: string
  readonly email?: string
  /** For each location, the times each of the member's devices was seen, by the device's number. */
  readonly seen?: Record<string, Record<number, Times>>
  /** For each location, the times a probe looked; `undefined`: an old day file. All day by default. */
  readonly looked?: Record<string, Times | undefined>
  readonly partial?: Record<string, Times>
  readonly sources?: Record<number, OwnershipSource>
  readonly entries?: readonly LedgerEntry[]
  /** The time of the clock it is; the day is over by default. */
  readonly clock?: string
  readonly with?: Partial<DayToExplain>
}

const ALL_DAY: Times = ['00:00-23:59']

/** The explanation of a day as described. */
export function sample(described: SampleDay = {}): Explanation {
  const window = dayWindow((described.day ?? '2026-11-20') as LocalDay, PARIS)
  const {
    email = 'ana@example.org',
    seen = {},
    looked = {},
    sources = {},
    entries = [],
  } = described
  const rollups = [...new Set([...Object.keys(seen), ...Object.keys(looked)])]
    .sort()
    .map((location) => rollupOf(location, window, described))
  const owner: Ownership = { kind: 'member', email, name: 'Ana' }
  const owners = new Map(
    Object.values(seen).flatMap((devices) =>
      Object.keys(devices).map((number) => {
        const owned: OwnedDevice = { owner, source: sources[Number(number)] ?? 'map' }
        return [macOf(Number(number)), owned] as const
      }),
    ),
  )
  const settings = { timeZone: PARIS, rule: DEFAULT_RULE }
  const elapsed = described.clock ? elapsedAt(described.clock, window) : window.minutes
  return explainDay({
    unread: [],
    window,
    rollups,
    email,
    member: presencesOf(window, rollups, owners, settings).members[0],
    settings,
    now: instantOf(window.start + elapsed),
    entries,
    minCoveragePercent: 80,
    ...described.with,
  })
}

/** The MAC of the device with this number. */
export function macOf(number: number) {
  return macFromBits(FIRST_MAC + number - 1)
}

/** So many slots, one minute each, from a time of the clock on. */
export function slotsFrom(clock: string, count: number): string[] {
  const start = Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
  return Array.from({ length: count }, (_, index) => clockText(start + index * 10))
}

/** An entry of the ledger: nightly, posted, 1 ticket, unless it says otherwise. */
export function entry(changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    run: { id: 'r1', kind: 'nightly', by: 'timer' },
    email: 'ana@example.org',
    at: '2026-11-20T21:15:00.000Z',
    computed: 1,
    decision: 'post',
    reason: 'first for this day',
    outcome: 'posted',
    evidence: { slots: [52, 53, 54], devices: [], rule: DEFAULT_RULE },
    ...changes,
  }
}

function rollupOf(
  location: string,
  window: DayWindow,
  { seen = {}, looked = {}, partial = {} }: SampleDay,
): DayRollup {
  const rollup = emptyRollup(location, window)
  for (const [number, times] of Object.entries(own(seen, location) ?? {})) {
    rollup.devices.set(FIRST_MAC + Number(number) - 1, minutesOf(times, window))
  }
  const lookedAt = Object.hasOwn(looked, location) ? looked[location] : ALL_DAY
  if (lookedAt) {
    rollup.probes.set('box', {
      looked: minutesOf(lookedAt, window),
      partial: minutesOf(own(partial, location) ?? [], window),
    })
  } else rollup.dayFile = { etag: 'e', sizeBytes: 1 }
  return rollup
}

function minutesOf(times: Times, window: DayWindow): MinuteSet {
  const set = emptyMinutes(window.minutes)
  for (const time of times) {
    const [from = '', to = from] = time.split('-')
    const last = elapsedAt(to, window)
    for (let at = elapsedAt(from, window); at <= last; at += 1) addMinute(set, at)
  }
  return set
}

/** The first elapsed minute at which clocks show this time. */
function elapsedAt(clock: string, window: DayWindow): number {
  return clockMinutes(window, PARIS).indexOf(
    Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3)),
  )
}

function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** A location may be called `toString`: only what was put there counts. */
function own<Value>(values: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

/** Minute files of one day that somebody wrote to break its rollup: whatever they hold, what is written can be read again. */
import { deepEqual } from 'node:assert'
import { admission } from '@presences/aggregator/rollup/admission.ts'
import {
  type DayRollup,
  emptyRollup,
  includesRollup,
} from '@presences/aggregator/rollup/day-rollup.ts'
import { mergeDayFile, mergeMinuteFile } from '@presences/aggregator/rollup/raw-object.ts'
import {
  decodeRollup,
  encodeRollup,
  formatRollupKey,
} from '@presences/aggregator/rollup/rollup-codec.ts'
import {
  dayWindow,
  LIMITS,
  type LocalDay,
  type MinuteFileName,
  parseRawKey,
} from '@presences/shared'
import { PLANTED_MACS } from '../engine/fragments.ts'
import { must, mustBeLoggable, type Target } from '../engine/target.ts'

const DAY = '2026-11-22' as LocalDay
const TIME_ZONE = 'Europe/Paris'
const ROOM = 'poulailler'
const WINDOW = dayWindow(DAY, TIME_ZONE)
const KEY = formatRollupKey(ROOM, DAY)
/** So small that a few lines reach them. */
const SMALL = {
  ...LIMITS,
  minuteFileDevices: 4,
  roomDayDevices: 6,
  roomDayProbes: 8,
  roomDayKeys: 200,
}
/** Of more objects with faults a rollup keeps no lines. */
const OBJECTS_WITH_LINES = 100

const file = (name: string, ...macs: string[]) =>
  `> ${name}\n# devices=${macs.length} version=1.0.0\n${macs.map((mac) => `${DAY}T08:12:04+01:00\t${mac}\n`).join('')}`
const macs = (from: number, count: number) =>
  [...Array(count).keys()].map((at) => `AA:BB:CC:DD:EE:${from + at}`)

interface Given {
  readonly name: MinuteFileName | undefined
  readonly key: string
  readonly etag: string
  readonly bytes: Uint8Array
  readonly modified: Date
}

/** Reads files one after the other, each below a line `> NAME`, and merges them as a night does. */
export function hostileDayTarget(merge: typeof mergeMinuteFile): Target {
  return {
    name: 'hostile day',
    reader: 'aggregator/src/rollup/raw-object.ts',
    seeds: [
      file('20261122T0712Z-box.tsv', ...macs(10, 2)) + file('20261122T0713Z-box.tsv'),
      file('20261122T0712Z-box.tsv', ...macs(10, 5)) + file('20261122T0712Z-b.tsv', ...macs(20, 4)),
      file('20261122T0712Z-constructor.tsv', ...macs(10, 4)) +
        file('20261122T0714Z-toString.tsv', ...macs(30, 4)) +
        file('20261122T2130Z-box.tsv', ...macs(30, 1)).replace('T08:12:04', 'T23:59:59') +
        `> \n${DAY}T09:00:00+01:00 AA:BB:CC:DD:EE:02\nbroken\n`,
    ],
    words: [
      ...['\n> ', '> 20261122T0712Z-', '.tsv\n', '# devices=1\n', '# partial=x\n', '+01:00\t'],
      ...[`${DAY}T08:12:04+01:00\t`, `${DAY}T23:59:59+01:00\t`, '2026-11-23T00:00:00+01:00\t'],
      ...['\n', '\r\n', 'broken', ...PLANTED_MACS],
    ],
    share: 3,
    isSlow: true,
    read(input) {
      const given = filesIn(Buffer.from(input).toString('latin1'))
      const rollup = emptyRollup(ROOM, WINDOW)
      const read = mergeAll(rollup, given, merge)
      must(rollup.devices.size <= SMALL.roomDayDevices, 'a room has no more devices than it may')
      must(rollup.probes.size <= SMALL.roomDayProbes, 'a room has no more probes than it may')
      const bytes = encodeRollup(rollup, TIME_ZONE)
      mustComeBack(rollup, bytes)
      mergeAll(rollup, read, merge)
      must(
        Buffer.compare(encodeRollup(rollup, TIME_ZONE), bytes) === 0,
        'the same files again change nothing',
      )
      const faults = [...rollup.faults.values()].flatMap(({ first }) => first)
      for (const { reason } of faults) mustBeLoggable(reason)
      return [...faults.map(kindOf), ...(read.length < given.length ? ['refused'] : [])]
    },
  }
}

/** What stands before the first name is read as the box's file; after as many as a folder may have nothing is looked at. */
function filesIn(text: string): Given[] {
  return text.split(/^> /m, SMALL.roomDayKeys).flatMap((part, at) => {
    if (part === '') return []
    const end = at === 0 ? -1 : part.indexOf('\n')
    const name = at === 0 ? '/20261122T0700Z-box.tsv' : `/${part.slice(0, Math.max(end, 0))}`
    const key = `presences/${ROOM}/${DAY}${name === '/' ? '' : name}`
    const bytes = Buffer.from(part.slice(end + 1), 'latin1')
    return [
      { ...objectOf(key), key, etag: `e${at}`, bytes, modified: new Date(`${DAY}T22:00:00Z`) },
    ]
  })
}

function objectOf(key: string): { name: MinuteFileName | undefined } {
  const parsed = parseRawKey(key)
  return { name: parsed?.kind === 'minute' ? parsed : undefined }
}

/** Adds each file that a night would fetch, and returns those. */
function mergeAll(
  rollup: DayRollup,
  given: readonly Given[],
  merge: typeof mergeMinuteFile,
): readonly Given[] {
  const admit = admission(rollup.probes.keys(), SMALL)
  return given.filter((each) => {
    const minute = (each.name?.minute ?? WINDOW.start) - WINDOW.start
    if (minute < 0 || minute >= WINDOW.minutes) return false
    if (admit(each.bytes.length, each.name) !== undefined) return false
    if (each.name) merge(rollup, each.name, each, SMALL)
    else mergeDayFile(rollup, each, SMALL)
    return true
  })
}

function mustComeBack(rollup: DayRollup, bytes: Uint8Array): void {
  const again = decodeRollup(bytes, KEY, TIME_ZONE)
  must(Buffer.compare(encodeRollup(again, TIME_ZONE), bytes) === 0, 'it is written as it was read')
  must(includesRollup(again, rollup, LIMITS), 'each minute of each device comes back')
  must(
    [...rollup.faults.keys()].every((key) => again.faults.has(key)),
    'what is damaged comes back',
  )
  if (rollup.faults.size > OBJECTS_WITH_LINES) return
  for (const part of ['probes', 'devices', 'faults', 'versions'] as const) {
    must(isEqual(again[part], rollup[part]), `the ${part} come back`)
  }
}

/** Maps are equal in any order of their keys. */
function isEqual(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  try {
    deepEqual(a, b)
    return true
  } catch {
    return false
  }
}

function kindOf({ reason }: { reason: string }): string {
  return reason.replaceAll(/\d+/g, '#')
}

export const HOSTILE_DAY_TARGETS = [hostileDayTarget(mergeMinuteFile)]

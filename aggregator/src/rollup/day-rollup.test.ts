import {
  dayWindow,
  encodeMinuteFile,
  formatMinuteKey,
  instantOf,
  LIMITS,
  type Limits,
  type LocalDay,
  type MinuteFileName,
  macFromBits,
} from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type DayRollup,
  deviceMinutes,
  emptyRollup,
  includesRollup,
  isUnknown,
  mergeRollup,
} from './day-rollup.ts'
import { hasMinute, listMinutes } from './minute-set.ts'
import { holdsMinuteFile, mergeDayFile, mergeMinuteFile } from './raw-object.ts'
import { decodeRollup, encodeRollup, formatRollupKey, RollupError } from './rollup-codec.ts'

const PARIS = 'Europe/Paris'
const day = '2026-10-25' as LocalDay // 25 hours long
const window = dayWindow(day, PARIS)
const location = 'poulailler'

interface File {
  elapsed: number
  probe: string
  macs: number[]
}

const file: fc.Arbitrary<File> = fc.record({
  elapsed: fc.integer({ min: 0, max: window.minutes - 1 }),
  probe: fc.constantFrom('box-1', 'box-2'),
  macs: fc.uniqueArray(fc.integer({ min: 1, max: 8 })),
})

function nameOf({ elapsed, probe }: File): MinuteFileName {
  return { location, day, minute: window.start + elapsed, probe }
}

function textOf({ elapsed, macs }: File): string {
  const instant = instantOf(window.start + elapsed)
  return encodeMinuteFile({ instant, macs: macs.map(macFromBits), meta: {} }, PARIS)
}

function merge(rollup: DayRollup, each: File, text = textOf(each), etag = 'v1'): void {
  const name = nameOf(each)
  mergeMinuteFile(rollup, name, { key: formatMinuteKey(name), etag, bytes: Buffer.from(text) })
}

function rollupOf(files: readonly File[]): DayRollup {
  const rollup = emptyRollup(location, window)
  for (const each of files) merge(rollup, each)
  return rollup
}

const bytes = (rollup: DayRollup) => Buffer.from(encodeRollup(rollup, PARIS)).toString('base64')

test('files merged in any order, twice, or through other rollups, give the same rollup', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 20 }), fc.nat(), (files, seed) => {
      const shuffled = [...files].sort(
        (a, b) => ((a.elapsed * 7919 + seed) % 97) - ((b.elapsed * 7919 + seed) % 97),
      )
      const direct = rollupOf(files)
      expect(bytes(rollupOf([...shuffled, ...files]))).toBe(bytes(direct))
      const split = rollupOf(files.slice(0, seed % (files.length + 1)))
      mergeRollup(split, rollupOf(files.slice(seed % (files.length + 1))))
      expect(bytes(split)).toBe(bytes(direct))
      expect(includesRollup(direct, rollupOf(files.slice(1)))).toBe(true)
    }),
  )
})

test('a rollup holds just the minutes of the files, against a plain set', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 20 }), (files) => {
      const rollup = rollupOf(files)
      const seen = new Set(files.flatMap((f) => f.macs.map((mac) => `${mac}@${f.elapsed}`)))
      const held = [...rollup.devices].flatMap(([mac, set]) =>
        listMinutes(set).map((m) => `${mac}@${m}`),
      )
      expect(new Set(held)).toEqual(seen)
      for (const each of files) {
        expect(holdsMinuteFile(rollup, nameOf(each), formatMinuteKey(nameOf(each)), 'v1')).toBe(
          true,
        )
      }
    }),
  )
})

test('encodeRollup and decodeRollup are a pair', () => {
  fc.assert(
    fc.property(fc.array(file, { maxLength: 20 }), (files) => {
      const rollup = rollupOf(files)
      const read = decodeRollup(encodeRollup(rollup, PARIS), formatRollupKey(location, day), PARIS)
      expect(read).toEqual(rollup)
    }),
  )
})

test('all that a rollup can hold is stored under its key, and comes back', () => {
  const rollup = emptyRollup(location, window)
  merge(rollup, { elapsed: 1, probe: 'box-2', macs: [] }, '# partial=eth1 devices=0\n')
  merge(rollup, { elapsed: 0, probe: 'box-1', macs: [] }, 'hello\n')
  mergeDayFile(rollup, {
    key: 'k',
    etag: '1',
    bytes: Buffer.from('2026-10-25T02:30:00+02:00\tAA:BB:CC:DD:EE:FF\n'),
  })
  expect([rollup.faults.size, rollup.dayFile]).toEqual([1, { etag: '1', sizeBytes: 44 }])
  const key = 'rollups/poulailler/2026-10-25.json.gz'
  expect(formatRollupKey(location, day)).toBe(key)
  expect(decodeRollup(encodeRollup(rollup, PARIS), key, PARIS)).toEqual(rollup)
})

const QUIET: File = { elapsed: 600, probe: 'box-1', macs: [] }
const BUSY: File = { ...QUIET, macs: [1, 2] }

test.each([
  ['nothing was merged', [], true],
  ['a minute was looked at in which nobody was there', [QUIET], false],
  ['a device was seen', [BUSY], false],
])('when %s, the day is unknown: %s', (_, files, isSo) => {
  expect(isUnknown(rollupOf(files))).toBe(isSo)
})

test('an old day file tells of the day when somebody is in it', () => {
  const rollup = emptyRollup(location, window)
  mergeDayFile(rollup, { key: 'k', etag: '1', bytes: Buffer.from('') })
  expect(isUnknown(rollup)).toBe(true)
  const line = '2026-10-25T02:30:00+02:00\tAA:BB:CC:DD:EE:FF\n'
  mergeDayFile(rollup, { key: 'k', etag: '2', bytes: Buffer.from(line) })
  expect(isUnknown(rollup)).toBe(false)
})

describe('a rollup does not include another one that knows', () => {
  const partial = emptyRollup(location, window)
  merge(partial, QUIET, '# partial=eth1 devices=0\n')
  test.each([
    ['another device', rollupOf([{ ...BUSY, macs: [1] }]), rollupOf([BUSY])],
    ['another minute of a device', rollupOf([BUSY]), rollupOf([{ ...BUSY, elapsed: 601 }])],
    ['another minute without devices', rollupOf([BUSY]), rollupOf([{ ...QUIET, elapsed: 601 }])],
    ['another probe', rollupOf([BUSY]), rollupOf([{ ...QUIET, probe: 'box-2' }])],
    ['that a minute was partial', rollupOf([BUSY]), partial],
  ])('%s', (_, whole, part) => {
    expect(includesRollup(whole, part)).toBe(false)
    mergeRollup(whole, part)
    expect(includesRollup(whole, part)).toBe(true)
  })
})

describe('a minute file', () => {
  const quiet: File = { elapsed: 600, probe: 'box-1', macs: [] }
  const busy: File = { elapsed: 600, probe: 'box-1', macs: [1, 2] }
  const key = formatMinuteKey(nameOf(busy))

  test('that is empty says the minute was looked at', () => {
    expect(hasMinute(rollupOf([quiet]).probes.get('box-1')?.looked, 600)).toBe(true)
  })

  test('that was cut short adds what it has, is reported, and is read again when it changes', () => {
    const rollup = emptyRollup(location, window)
    const text = textOf(busy)
    merge(rollup, busy, text.slice(0, -20), 'cut')
    expect([...rollup.devices.keys()]).toEqual([1])
    expect(rollup.faults.get(key)).toMatchObject({ cut: true, count: 1 })
    expect(hasMinute(rollup.probes.get('box-1')?.looked, 600)).toBe(false)
    expect(holdsMinuteFile(rollup, nameOf(busy), key, 'cut')).toBe(true)
    expect(holdsMinuteFile(rollup, nameOf(busy), key, 'whole')).toBe(false)
    merge(rollup, busy, text, 'whole')
    expect(rollup.faults.size).toBe(0)
    const direct = emptyRollup(location, window)
    merge(direct, busy, text, 'whole')
    expect(bytes(rollup)).toBe(bytes(direct))
  })

  test('that was written over is read again, and what it said before stays', () => {
    const rollup = rollupOf([busy])
    expect(holdsMinuteFile(rollup, nameOf(busy), key, 'v1')).toBe(true)
    expect(holdsMinuteFile(rollup, nameOf(busy), key, 'v2')).toBe(false)
    merge(rollup, { ...busy, macs: [2] }, undefined, 'v2')
    expect([...rollup.devices.keys()].sort()).toEqual([1, 2])
    expect(holdsMinuteFile(rollup, nameOf(busy), key, 'v2')).toBe(true)
    expect(holdsMinuteFile(rollup, nameOf(quiet), formatMinuteKey(nameOf(quiet)), 'v3')).toBe(false)
  })

  test('is held in any version by a rollup of before, which noted none', () => {
    const { versions: _, ...noted } = rollupOf([busy])
    const rollup = { ...noted, versions: new Map() }
    expect(holdsMinuteFile(rollup, nameOf(busy), key, 'v2')).toBe(true)
    expect(
      decodeRollup(encodeRollup(rollup, PARIS), formatRollupKey(location, day), PARIS).versions
        .size,
    ).toBe(0)
  })

  test.each([
    ['in the minute it is named after', 0, undefined],
    ['two minutes before, by another clock', -2, undefined],
    ['three minutes before', -3, 'the time is after the file was written'],
  ])('written %s: its lines', (_, ago, reason) => {
    const rollup = emptyRollup(location, window)
    const { minute } = nameOf(busy)
    const object = { key, etag: 'v1', bytes: Buffer.from(textOf(busy)) }
    mergeMinuteFile(rollup, nameOf(busy), { ...object, modified: instantOf(minute + ago) })
    expect(rollup.faults.get(key)?.first[0]?.reason).toBe(reason)
    expect(rollup.devices.size).toBe(reason ? 0 : 2)
  })

  test('whose scan was partial says so', () => {
    const rollup = emptyRollup(location, window)
    merge(rollup, quiet, '# partial=eth1 devices=0\n')
    expect(hasMinute(rollup.probes.get('box-1')?.partial, 600)).toBe(true)
  })

  test('with lines of another day counts the others, and reports these', () => {
    const rollup = emptyRollup(location, window)
    merge(
      rollup,
      busy,
      '2026-10-24T23:59:00+02:00\tAA:BB:CC:DD:EE:FF\n2026-10-25T12:00:00+01:00\tAA:BB:CC:DD:EE:0F\nhello\n',
    )
    expect([...rollup.devices.keys()].map(macFromBits)).toEqual(['AA:BB:CC:DD:EE:0F'])
    expect(rollup.faults.get(key)).toEqual({
      etag: 'v1',
      cut: false,
      read: 1,
      count: 2,
      first: [
        { line: 1, reason: 'the time is not on 2026-10-25' },
        { line: 3, reason: 'no date YYYY-MM-DD at the start' },
      ],
    })
  })
})

test('an old day file grows: each version adds, and the last one is remembered', () => {
  const rollup = emptyRollup(location, window)
  const line = '2026-10-25T02:30:00+02:00\tAA:BB:CC:DD:EE:FF\n'
  mergeDayFile(rollup, { key: 'k', etag: '1', bytes: Buffer.from(line) })
  const again = `${line}2026-10-25T02:30:00+01:00 AA:BB:CC:DD:EE:FF\n`
  mergeDayFile(rollup, { key: 'k', etag: '2', bytes: Buffer.from(again) })
  const seen = rollup.devices.get(0xaabbccddeeff)
  expect(seen && listMinutes(seen)).toEqual([150, 210])
  expect(rollup.dayFile).toEqual({ etag: '2', sizeBytes: again.length })
  const behind = emptyRollup(location, window)
  mergeDayFile(behind, { key: 'k', etag: '1', bytes: Buffer.from(line) })
  mergeRollup(rollup, behind)
  expect(rollup.dayFile?.etag).toBe('2')
})

test.each([
  [[], undefined],
  [[['1', 10]], '1'],
  [
    [
      ['2', 9],
      ['1', 10],
    ],
    '1',
  ],
  [
    [
      ['1', 10],
      ['2', 10],
    ],
    '2',
  ],
] satisfies [[string, number][], string | undefined][])(
  'of the versions %j of an old day file, %s is the one that was read last',
  (versions, etag) => {
    const rollups = versions.map(([etag, sizeBytes]) => {
      return { ...emptyRollup(location, window), dayFile: { etag, sizeBytes } }
    })
    for (const order of [rollups, rollups.toReversed()]) {
      const merged = emptyRollup(location, window)
      for (const each of order) mergeRollup(merged, each)
      mergeRollup(merged, emptyRollup(location, window))
      expect(merged.dayFile?.etag).toBe(etag)
    }
  },
)

test('faults of two versions of an object: the same ones are kept in any order', () => {
  const cut = (etag: string, lines: number) => {
    const rollup = emptyRollup(location, window)
    merge(rollup, BUSY, 'hello\n'.repeat(lines), etag)
    return rollup
  }
  const merged = (...rollups: DayRollup[]) => {
    const into = emptyRollup(location, window)
    for (const each of rollups) mergeRollup(into, each)
    return into.faults
  }
  const faults = merged(cut('v1', 1), cut('v2', 2))
  expect(faults.size).toBe(1)
  expect(merged(cut('v2', 2), cut('v1', 1))).toEqual(faults)
  expect(merged(cut('v1', 1))).toEqual(cut('v1', 1).faults)
})

describe('decodeRollup refuses', () => {
  const key = formatRollupKey(location, day)
  const good = encodeRollup(emptyRollup(location, window), PARIS)
  test.each([
    [
      'what is not gzip',
      Buffer.from('{}'),
      key,
      PARIS,
      "Can't use rollups/poulailler/2026-10-25.json.gz: incorrect header check",
    ],
    ['what was cut', good.subarray(0, 20), key, PARIS, 'unexpected end of file'],
    ['another time zone', good, key, 'UTC', 'it was made for TIMEZONE=Europe/Paris, now it is UTC'],
    [
      'another place',
      good,
      formatRollupKey('elsewhere', day),
      PARIS,
      'it is not of this place and day',
    ],
  ])('%s', (_, bytes, key, zone, message) => {
    expect(() => decodeRollup(bytes, key, zone)).toThrow(RollupError)
    expect(() => decodeRollup(bytes, key, zone)).toThrow(message)
  })

  test.each([
    [{ version: 2 }, 'it has version 2, this program knows 1'],
    [{ devices: { nobody: '' } }, 'devices.nobody'],
    [{ day: '2026-02-30' }, '.json.gz: day: '],
    [{ probes: { box: { looked: 'AA==', partial: '' } } }, 'it is not of this place and day'],
    [{ devices: { 'AA:BB:CC:DD:EE:FF': 'AA==' } }, 'it is not of this place and day'],
  ])('%j', async (change, message) => {
    const { gunzipSync, gzipSync } = await import('node:zlib')
    const json = { ...JSON.parse(gunzipSync(good).toString()), ...change }
    expect(() => decodeRollup(gzipSync(JSON.stringify(json)), key, PARIS)).toThrow(message)
  })
})

test('the fullest rollup there can be, with faults without end, can be read again', () => {
  const { minutes } = window
  const rollup = emptyRollup(location, window)
  const set = () => new Uint8Array(Math.ceil(minutes / 8)).fill(0xa7)
  for (let mac = 0; mac < LIMITS.roomDayDevices; mac += 1) rollup.devices.set(2 ** 47 + mac, set())
  for (let at = 0; at < 2 * LIMITS.roomDayProbes; at += 1) {
    rollup.probes.set(`${at}`.padEnd(64, 'x'), { looked: set(), partial: set() })
  }
  const first = Array.from({ length: 20 }, (_, line) => ({
    line: line + 1,
    reason: 'r'.repeat(80),
  }))
  const fault = { etag: 'e'.repeat(64), cut: true, read: 9, count: 99, first }
  for (let at = 0; at < LIMITS.roomDayKeys + 5; at += 1) {
    rollup.faults.set(`${at}`.padStart(200, '0'), fault)
  }
  const again = decodeRollup(encodeRollup(rollup, PARIS), formatRollupKey(location, day), PARIS)
  expect(again.devices.size).toBe(LIMITS.roomDayDevices)
  expect(again.faults.size).toBe(LIMITS.roomDayKeys)
  expect(again.faults.get('0'.repeat(200))).toEqual(fault)
  expect(again.faults.get('101'.padStart(200, '0'))).toEqual({ ...fault, first: [] })
})

test('two rollups that are full make one that is, and it has what it has room for', () => {
  const limits = { ...LIMITS, roomDayDevices: 2 } as unknown as Limits
  const of = (...macs: number[]) => {
    const rollup = emptyRollup(location, window)
    for (const mac of macs) deviceMinutes(rollup, mac)[0] = 1
    return rollup
  }
  const whole = of(1, 2)
  mergeRollup(whole, of(2, 3), limits)
  expect([...whole.devices.keys()]).toEqual([1, 2])
  expect(includesRollup(whole, of(2, 3), limits)).toBe(true)
  expect(includesRollup(of(1), of(2), limits)).toBe(false)
})

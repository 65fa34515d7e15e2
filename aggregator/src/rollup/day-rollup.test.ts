import {
  dayWindow,
  encodeMinuteFile,
  formatMinuteKey,
  instantOf,
  type LocalDay,
  type MinuteFileName,
  macFromBits,
} from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DayRollup, emptyRollup, includesRollup, mergeRollup } from './day-rollup.ts'
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
      expect(bytes(read)).toBe(bytes(rollup))
    }),
  )
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
    expect(bytes(rollup)).toBe(bytes(rollupOf([busy])))
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
    [{ day: '2026-02-30' }, 'day'],
    [{ devices: { 'AA:BB:CC:DD:EE:FF': 'AA==' } }, 'it is not of this place and day'],
  ])('%j', async (change, message) => {
    const { gunzipSync, gzipSync } = await import('node:zlib')
    const json = { ...JSON.parse(gunzipSync(good).toString()), ...change }
    expect(() => decodeRollup(gzipSync(JSON.stringify(json)), key, PARIS)).toThrow(message)
  })
})

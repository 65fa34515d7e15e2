import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Mac, macFromBits, parseMac } from './mac.ts'
import { decodeMinuteFile, encodeMinuteFile } from './minute-file.ts'

const PARIS = 'Europe/Paris'
const mac = (text: string) => parseMac(text) as Mac

describe('encodeMinuteFile', () => {
  test('writes a # line, then one line a device, sorted, each once', () => {
    const scan = {
      instant: new Date('2026-11-22T07:12:04Z'),
      macs: [mac('BB:00:00:00:00:01'), mac('AA:00:00:00:00:02'), mac('BB:00:00:00:00:01')],
      meta: { version: '1.0.0', scanner: 'arp-scan' },
    }
    expect(encodeMinuteFile(scan, PARIS)).toBe(
      '# devices=2 version=1.0.0 scanner=arp-scan\n' +
        '2026-11-22T08:12:04+01:00\tAA:00:00:00:00:02\n' +
        '2026-11-22T08:12:04+01:00\tBB:00:00:00:00:01\n',
    )
  })

  test('an old script that looks for an hour never finds one in a # line', () => {
    const text = encodeMinuteFile(
      { instant: new Date(), macs: [], meta: { interfaces: 'T10,eth0 T08' } },
      PARIS,
    )
    expect(text).not.toMatch(/T\d\d/)
    expect(decodeMinuteFile(Buffer.from(text)).meta.get('interfaces')).toBe('T10,eth0 T08')
  })
})

const macs = fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 48 - 1 }).map(macFromBits), {
  maxLength: 30,
})
const instant = fc.date({
  min: new Date('2000-01-01'),
  max: new Date('2060-01-01'),
  noInvalidDate: true,
})

test('encode and decode are a pair', () => {
  const meta = fc.dictionary(fc.stringMatching(/^[a-z_-]{1,10}$/), fc.string())
  fc.assert(
    fc.property(macs, instant, meta, (macs, instant, meta) => {
      fc.pre(!('devices' in meta))
      const read = decodeMinuteFile(Buffer.from(encodeMinuteFile({ instant, macs, meta }, PARIS)))
      expect(read.macs).toEqual([...macs].sort())
      expect(read.faults).toEqual([])
      expect(read.cut).toBe(false)
      expect(Object.fromEntries(read.meta)).toEqual({ ...meta, devices: String(macs.length) })
    }),
  )
})

test('a file cut anywhere after its # line is known to be cut', () => {
  fc.assert(
    fc.property(macs, fc.double({ min: 0, max: 1, noNaN: true }), (macs, part) => {
      fc.pre(macs.length > 0)
      const text = encodeMinuteFile({ instant: new Date(0), macs, meta: {} }, PARIS)
      const header = text.indexOf('\n') + 1
      // Up to the last MAC's last digit: from there on, nothing but the line feed is missing.
      const length = header + Math.floor(part * (text.length - 2 - header))
      expect(decodeMinuteFile(Buffer.from(text.slice(0, length))).cut).toBe(true)
    }),
  )
})

test('a file without a # line (an old one) can not be told to be cut', () => {
  expect(decodeMinuteFile(Buffer.from('')).cut).toBe(false)
})

test('a line that can not be read is told by its number', () => {
  const text = '# devices=2\nhello\n2026-11-22T08:12:04Z\tAA:00:00:00:00:02\n'
  expect(decodeMinuteFile(Buffer.from(text))).toMatchObject({
    macs: ['AA:00:00:00:00:02'],
    faults: [{ line: 2, reason: 'no date YYYY-MM-DD at the start' }],
    cut: true,
  })
})

test.each([
  ['devices=0', 0, false],
  ['devices=2', 1, true],
  ['devices=2', 2, false],
  ['devices=2', 3, false],
  ['devices=', 0, true],
  ['devices=x', 0, true],
  ['devices=1e1', 1, true],
  ['devices=1x', 0, true],
  ['devices=-1', 0, true],
  ['version=1.0.0', 0, false],
])('with "# %s" and %i devices, a file is cut: %s', (note, devices, cut) => {
  const lines = Array.from(
    { length: devices },
    (_, at) => `2026-11-22T08:12:04Z\t${macFromBits(at)}`,
  )
  expect(decodeMinuteFile(Buffer.from([`# ${note}`, ...lines].join('\n'))).cut).toBe(cut)
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { macFromBits } from './mac.ts'
import { type LineFault, readSightings } from './sightings.ts'

const MAC = 'AA:BB:CC:DD:EE:FF'

function read(text: string | Uint8Array) {
  const seen: string[] = []
  const faults: LineFault[] = []
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  const { sightings, meta } = readSightings(
    bytes,
    (bits, minute) => {
      seen.push(`${new Date(minute * 60_000).toISOString().slice(0, 16)} ${macFromBits(bits)}`)
      return undefined
    },
    (fault) => faults.push(fault),
  )
  return { seen, faults, sightings, meta: Object.fromEntries(meta) }
}

describe('reads', () => {
  test.each([
    ['what an editor put before the text', `\ufeff2026-11-22T08:12:04+01:00\t${MAC}\n`],
    ['the canonical line', `2026-11-22T08:12:04+01:00\t${MAC}\n`],
    ['an offset without colon', `2026-11-22T08:12:04+0100\t${MAC}\n`],
    [
      'an offset in hours (cut to 22 characters) and eight spaces',
      `2026-11-22T08:12:04+01        ${MAC}\n`,
    ],
    ['UTC as Z', `2026-11-22T07:12:04Z\t${MAC}\n`],
    ['an offset west of Greenwich, on the day before', `2026-11-21T21:42:04-09:30\t${MAC}\n`],
    ['an offset of hours and minutes', `2026-11-22T12:57:04+05:45\t${MAC}\n`],
    ['the last hour of a day, in its last second', `2026-11-21T23:12:59-08:00\t${MAC}\n`],
    ['the furthest east there is', `2026-11-22T21:12:04+14:00\t${MAC}\n`],
    ['the furthest west, on the day before', `2026-11-21T19:12:04-12:00\t${MAC}\n`],
    ['a lower-case MAC', `2026-11-22T08:12:04+01:00\t${MAC.toLowerCase()}\n`],
    ['dashes', `2026-11-22T08:12:04+01:00\t${MAC.replaceAll(':', '-')}\n`],
    ['dots', `2026-11-22T08:12:04+01:00\t${MAC.replaceAll(':', '.')}\n`],
    ['groups of four', '2026-11-22T08:12:04+01:00\taabb.ccdd.eeff\n'],
    ['nothing between', '2026-11-22T08:12:04+01:00\tAABBCCDDEEFF\n'],
    ['a carriage return', `2026-11-22T08:12:04+01:00\t${MAC}\r\n`],
    ['spaces at the end', `2026-11-22T08:12:04+01:00 \t ${MAC} \t\n`],
    ['no line feed at the end', `2026-11-22T08:12:04+01:00\t${MAC}`],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual({
      seen: [`2026-11-22T07:12 ${MAC}`],
      faults: [],
      sightings: 1,
      meta: {},
    })
  })

  test('an empty file', () => {
    expect(read('')).toEqual({ seen: [], faults: [], sightings: 0, meta: {} })
  })

  test('# lines anywhere: a day is its minute files one after another', () => {
    const text = `# version=1.0.0 devices=1\n2026-11-22T08:12:04+01:00\t${MAC}\n# note=a%20b x\n`
    expect(read(text)).toMatchObject({
      sightings: 1,
      faults: [],
      meta: { version: '1.0.0', devices: '1', note: 'a b' },
    })
  })
})

test.each([
  [0xef, 0xbb, 0x0a],
  [0xef, 0x0a, 0xbf],
  [0x0a, 0xbb, 0xbf],
])('a part of what an editor puts before a text is none: %i %i %i', (...first) => {
  const line = Buffer.from(`\n2026-11-22T08:12:04+01:00\t${MAC}\n`)
  const { faults, sightings } = read(Buffer.concat([Buffer.from(first), line]))
  expect([faults.length, sightings]).toEqual([2, 1])
})

test.each([
  ['note=%zz', { note: '%zz' }],
  ['note=100% devices=1', { note: '100%', devices: '1' }],
  ['word =value', {}],
  ['a=b=c', { a: 'b=c' }],
  ['', {}],
])('a # line with %j tells %j, and is no fault', (text, meta) => {
  expect(read(`#${text}\n`)).toEqual({ seen: [], faults: [], sightings: 0, meta })
})

describe('reports, with line number and reason', () => {
  test.each([
    ['', 'the line is empty'],
    ['hello', 'no date YYYY-MM-DD at the start'],
    [`2026-02-30T08:12:04+01:00\t${MAC}`, 'no date YYYY-MM-DD at the start'],
    [`2026-11-2aT08:12:04+01:00\t${MAC}`, 'no date YYYY-MM-DD at the start'],
    [`2026-11-0:T08:12:04+01:00\t${MAC}`, 'no date YYYY-MM-DD at the start'],
    [`2026-13-01T08:12:04+01:00\t${MAC}`, 'no date YYYY-MM-DD at the start'],
    [`2026/11-22T08:12:04+01:00\t${MAC}`, 'no date YYYY-MM-DD at the start'],
    [`2026-11/22T08:12:04+01:00\t${MAC}`, 'no date YYYY-MM-DD at the start'],
    [`1969-12-31T08:12:04+01:00\t${MAC}`, 'no date YYYY-MM-DD at the start'],
    [`0026-11-22T08:12:04+01:00\t${MAC}`, 'no date YYYY-MM-DD at the start'],
    [`2026-11-22 08:12:04+01:00\t${MAC}`, 'no time THH:MM:SS after the date'],
    [`2026-11-22T24:12:04+01:00\t${MAC}`, 'no time THH:MM:SS after the date'],
    [`2026-11-22T08:60:04+01:00\t${MAC}`, 'no time THH:MM:SS after the date'],
    [`2026-11-22T08:12:60+01:00\t${MAC}`, 'no time THH:MM:SS after the date'],
    [`2026-11-22T0x:12:04+01:00\t${MAC}`, 'no time THH:MM:SS after the date'],
    [`2026-11-22T/9:12:04+01:00\t${MAC}`, 'no time THH:MM:SS after the date'],
    [`2026-11-22T08.12:04+01:00\t${MAC}`, 'no time THH:MM:SS after the date'],
    [`2026-11-22T08:12.04+01:00\t${MAC}`, 'no time THH:MM:SS after the date'],
    [`2026-11-22T08:12:04\t${MAC}`, 'no offset after the time'],
    [`2026-11-22T08:12:04+15:00\t${MAC}`, 'no valid offset after the time'],
    [`2026-11-22T08:12:04+14:01\t${MAC}`, 'no valid offset after the time'],
    [`2026-11-22T08:12:04-14:01\t${MAC}`, 'no valid offset after the time'],
    [`2026-11-22T08:12:04+01:60\t${MAC}`, 'no valid offset after the time'],
    [`2026-11-22T08:12:04+1\t${MAC}`, 'no valid offset after the time'],
    [`2026-11-22T08:12:04+01:00${MAC}`, 'no tab or space between time and MAC address'],
    ['2026-11-22T08:12:04+01:00\tAA:BB:CC:DD:EE:F', 'no valid MAC address after the time'],
    ['2026-11-22T08:12:04+01:00\tAA:BB:CC:DD:EE:FG', 'no valid MAC address after the time'],
    ['2026-11-22T08:12:04+01:00\tAA_BB_CC_DD_EE_FF', 'no valid MAC address after the time'],
    ['2026-11-22T08:12:04+01:00\tAA:BB:CC:DD-EE:FF', 'no valid MAC address after the time'],
    [`2026-11-22T08:12:04+01:00\t${MAC} x`, 'no valid MAC address after the time'],
  ])('%j: %s', (line, reason) => {
    expect(read(`# version=1\n${line}\n2026-11-22T08:12:04+01:00\t${MAC}\n`)).toMatchObject({
      faults: [{ line: 2, reason }],
      sightings: 1,
    })
  })

  test('what the caller refuses', () => {
    const faults: LineFault[] = []
    const { sightings } = readSightings(
      Buffer.from(`2026-11-22T08:12:04+01:00\t${MAC}\n`),
      () => 'not this day',
      (fault) => faults.push(fault),
    )
    expect({ sightings, faults }).toEqual({
      sightings: 0,
      faults: [{ line: 1, reason: 'not this day' }],
    })
  })
})

test('any bytes: each line is a sighting, a # line or a fault, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const { sightings, faults } = read(bytes)
      const lines = Buffer.from(bytes).toString('latin1').split('\n')
      if (lines.at(-1) === '') lines.pop()
      const comments = lines.filter((line) => line.startsWith('#')).length
      expect(sightings + faults.length + comments).toBe(lines.length)
    }),
  )
})

test('lines of any lengths, one after another, are read as each of them alone', () => {
  const lines = fc.constantFrom(
    `2026-11-22T08:12:04+01:00\t${MAC}\n`,
    `2026-11-22T08:12:04+01        ${MAC}\n`,
    '2026-11-22T08:13:04+0100\tAABB.CCDD.EEFF\r\n',
    `2026-11-22T08:12:04+01:00 \t ${MAC} \t\n`,
    '# devices=2\n',
    `2026-11-22T08:12:04+01:00\t${MAC}\r\n`,
    `2026-11-22T08:12:04\t${MAC}\n`,
    'hello\n',
    '\n',
  )
  fc.assert(
    fc.property(fc.array(lines), (texts) => {
      const alone = texts.map((text) => read(text))
      expect(read(texts.join(''))).toMatchObject({
        seen: alone.flatMap(({ seen }) => seen),
        faults: alone.flatMap(({ faults }, at) =>
          faults.map(({ reason }) => ({ line: at + 1, reason })),
        ),
      })
    }),
  )
})

test('a damaged good line is either a fault or the very same sighting, never another device', () => {
  const good = `2026-11-22T08:12:04+01:00\t${MAC}\n`
  fc.assert(
    fc.property(fc.integer({ min: 0, max: good.length }), (length) => {
      const { seen, faults } = read(good.slice(0, length))
      if (seen.length > 0) expect(seen).toEqual([`2026-11-22T07:12 ${MAC}`])
      else expect(faults).toHaveLength(length === 0 ? 0 : 1)
    }),
  )
})

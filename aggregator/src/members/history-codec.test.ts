import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ANA,
  BADGE,
  BOB,
  LAPTOP,
  mapOf,
  nov,
  observeAll,
  PHONE,
  ROUTER,
  SPACE,
  TABLET,
} from '../../testing/sample-maps.ts'
import { decodeHistory, encodeHistory, HistoryError } from './history-codec.ts'
import { importAudit } from './import-audit.ts'
import { EMPTY_HISTORY, type MapHistory } from './map-history.ts'

const ANA2 = { ...ANA, email: 'ana+2@example.org' }
const { history: observed } = observeAll(
  [nov(3), mapOf([PHONE, ANA], [ROUTER, SPACE])],
  [nov(5), mapOf([PHONE, ANA2], [ROUTER, SPACE], [LAPTOP, BOB])],
  [nov(7), mapOf([LAPTOP, ANA2], [ROUTER, SPACE])],
)
const AUDITED = importAudit(
  observed,
  [{ mac: BADGE, email: BOB.email, change: 'removed', occurred: new Date('2026-11-01T12:00Z') }],
  'Europe/Paris',
)
const HISTORY: MapHistory = {
  ...AUDITED,
  intervals: new Map([
    ...AUDITED.intervals,
    [
      TABLET,
      [
        {
          owner: { kind: 'member', email: ANA.email, name: 'Ana Martin', id: 'a' },
          from: nov(1),
          until: nov(2),
          endedAt: '2026-11-02T12:00:00.000Z',
          origin: 'audit',
          registeredOn: nov(3),
        },
        {
          owner: { kind: 'unsure', name: 'ana@example.org / bob@example.org' },
          from: nov(2),
          at: '2026-11-02T12:00:00.000Z',
          until: undefined,
          origin: 'map',
          registeredOn: nov(3),
        },
      ],
    ],
  ]),
  people: new Map([
    ['b', BOB.email],
    ['a', ANA.email],
  ]),
}

describe('a stored history', () => {
  test.each([
    ['with nothing in it', EMPTY_HISTORY],
    ['with all there can be', HISTORY],
  ])('%s comes back', (_, history) => {
    expect(decodeHistory(encodeHistory(history))).toStrictEqual(history)
  })

  test('has the same bytes for the same history, in whatever order it was made', () => {
    const turned = {
      ...HISTORY,
      intervals: new Map([...HISTORY.intervals].toReversed()),
      people: new Map([...HISTORY.people].toReversed()),
    }
    expect(Buffer.compare(encodeHistory(turned), encodeHistory(HISTORY))).toBe(0)
    const again = decodeHistory(encodeHistory(HISTORY))
    expect(Buffer.compare(encodeHistory(again), encodeHistory(HISTORY))).toBe(0)
  })
})

type Json = Record<string, unknown> & { devices: Record<string, Record<string, unknown>[]> }
const changed = (change: (json: Json) => unknown): Uint8Array => {
  const json = JSON.parse(gunzipSync(encodeHistory(HISTORY)).toString()) as Json
  return gzipSync(JSON.stringify(change(json) ?? json))
}
const withLaptop = (...intervals: object[]) =>
  changed((json) => ({ ...json, devices: { [LAPTOP]: intervals } }))
const interval = (from: number, until?: number) => ({
  owner: { kind: 'excluded', name: '' },
  from: nov(from),
  ...(until !== undefined && { until: nov(until) }),
  origin: 'map',
  registeredOn: nov(1),
})

describe('is refused, never taken for empty', () => {
  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(), 'Put back an earlier version'],
    ['half of it', encodeHistory(HISTORY).slice(0, 90), 'Put back an earlier version'],
    ['no JSON', gzipSync('<html>'), 'Put back an earlier version'],
    ['another version', changed((json) => ({ ...json, version: 2 })), 'version 2'],
    ['no version', changed(({ version, ...rest }) => rest), 'version'],
    ['no devices', changed(({ devices, ...rest }) => rest), 'devices'],
    [
      'a MAC in another spelling',
      changed((json) => ({ ...json, devices: { 'aa:bb:cc:dd:ee:ff': [interval(1)] } })),
      'devices',
    ],
    [
      'a day that does not exist',
      changed((json) => ({ ...json, observedOn: '2026-02-30' })),
      'observedOn',
    ],
    ['a device of nobody', withLaptop(), 'devices'],
    ['days that overlap', withLaptop(interval(1, 3), interval(3, 4)), 'days overlap'],
    ['days out of order', withLaptop(interval(5, 6), interval(3, 4)), 'days overlap'],
    ['an end before the beginning', withLaptop(interval(5, 4)), 'days overlap'],
    ['an open interval before another', withLaptop(interval(1), interval(3)), 'days overlap'],
    [
      'an end that is no day, before another interval',
      withLaptop({ ...interval(1), until: '' }, interval(3)),
      'not a day',
    ],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeHistory(bytes)).toThrow(HistoryError)
    expect(() => decodeHistory(bytes)).toThrow(message)
  })

  test('or read, whatever the bytes', () => {
    const json = fc.json().map((text) => new Uint8Array(gzipSync(text)))
    const cut = fc
      .nat(encodeHistory(HISTORY).length - 1)
      .map((at) => encodeHistory(HISTORY).slice(0, at))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), json, cut), (bytes) => {
        expect(() => decodeHistory(bytes)).toThrow(HistoryError)
      }),
    )
  })
})

test('what could not be read again is not written', () => {
  const twice = new Map(
    [...HISTORY.intervals].map(([mac, intervals]) => [mac, [...intervals, ...intervals]] as const),
  )
  expect(() => encodeHistory({ ...HISTORY, intervals: twice })).toThrow(
    /the days of .* would overlap. Nothing was written/,
  )
})

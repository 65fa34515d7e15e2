import { decodeMinuteFile, macFromBits } from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fakeScanner } from '../../testing/fake-scanner.ts'
import { type Clock, RIGHT_CLOCK } from '../clock/clock.ts'
import type { Look, Scanner } from '../scan/scanner.ts'
import type { Added } from '../spool/spool.ts'
import { type RecordDeps, recordMinute, scanBudgetMs } from './record-minute.ts'

const ANNE = macFromBits(0x02_00_00_00_00_0a)
const BOB = macFromBits(0x02_00_00_00_00_0b)
const FAILURE = { reason: 'there is no link', advice: 'check the cable' }
const BEGUN = new Date('2026-11-22T07:12:04Z')

function look(network: string, parts: Partial<Look> = {}): Look {
  return { network, macs: [], unreadable: [], ...parts }
}

/** A probe that sees `looks`, and remembers what it put in its spool. */
function probe(looks: readonly Look[], outcome: Added['outcome'] = 'written') {
  const spooled: { path: string; text: string }[] = []
  const budgets: number[] = []
  let elapsed = 1000
  const deps: RecordDeps = {
    location: 'poulailler',
    probe: 'box',
    timeZone: 'Europe/Paris',
    version: '1.2.3',
    scanners: [
      {
        name: 'arp-scan',
        look: async (timeoutMs) => {
          budgets.push(timeoutMs)
          elapsed += 812.4
          return looks
        },
      },
    ],
    spool: {
      add: async (path, text) => {
        spooled.push({ path, text })
        return { path: `/spool/${path}`, outcome }
      },
    },
    elapsedMs: () => elapsed,
    clock: RIGHT_CLOCK,
    freeBytes: async () => undefined,
  }
  return { deps, spooled, budgets }
}

/** Records with more scanners than the first. */
function record(deps: RecordDeps, ...more: readonly Scanner[]) {
  return recordMinute(BEGUN, { ...deps, scanners: [...deps.scanners, ...more] })
}

test('a minute is the union of all interfaces, at the instant the scan began', async () => {
  const { deps, spooled } = probe([
    look('eth0', { macs: [BOB] }),
    look('eth1', { macs: [ANNE, BOB] }),
  ])
  expect(await recordMinute(BEGUN, deps)).toEqual({
    outcome: 'written',
    path: '/spool/poulailler/2026-11-22/20261122T0712Z-box.tsv',
    devices: 2,
    problems: [],
  })
  expect(spooled).toEqual([
    {
      path: 'poulailler/2026-11-22/20261122T0712Z-box.tsv',
      text:
        '# devices=2 version=1.2.3 scanner=arp-scan interfaces=eth0,eth1 duration_ms=812\n' +
        `2026-11-22T08:12:04+01:00\t${ANNE}\n2026-11-22T08:12:04+01:00\t${BOB}\n`,
    },
  ])
})

test('nobody there is a file without sightings', async () => {
  const { deps, spooled } = probe([look('eth0')])
  expect(await recordMinute(BEGUN, deps)).toMatchObject({ outcome: 'written', devices: 0 })
  expect(spooled[0]?.text).toMatch(/^# devices=0 .*\n$/)
})

test('one interface of two failing is a partial scan that says so', async () => {
  const { deps, spooled } = probe([
    look('eth0', { macs: [ANNE] }),
    look('eth1', { failure: FAILURE }),
  ])
  expect(await recordMinute(BEGUN, deps)).toMatchObject({
    outcome: 'written',
    devices: 1,
    problems: ["Can't scan eth1: there is no link. To do: check the cable"],
  })
  const { meta, cut } = decodeMinuteFile(Buffer.from(spooled[0]?.text ?? ''))
  expect([meta.get('partial'), cut]).toEqual(['eth1: there is no link', false])
})

test('not looking leaves no file, and a problem for each interface', async () => {
  const { deps, spooled } = probe(['eth0', 'eth1'].map((name) => look(name, { failure: FAILURE })))
  const record = await recordMinute(BEGUN, deps)
  expect([record.outcome, record.problems.length, spooled]).toEqual(['not-looking', 2, []])
})

test('what was seen before a failure is kept', async () => {
  const { deps } = probe([look('eth0', { macs: [ANNE], failure: FAILURE })])
  expect(await recordMinute(BEGUN, deps)).toMatchObject({ outcome: 'written', devices: 1 })
})

test('lines that can not be read are counted, in the file and in the log', async () => {
  const unreadable = [
    { line: 3, reason: 'not two columns' },
    { line: 9, reason: 'no IPv4 address at the start' },
  ]
  const { deps, spooled } = probe([look('eth0', { macs: [ANNE], unreadable })])
  const { problems } = await recordMinute(BEGUN, deps)
  expect(problems[0]).toContain("2 of the scanner's lines on eth0, line 3 first: not two columns")
  expect(spooled[0]?.text).toMatch(/^# .* unreadable=2\n/)
})

test('of several scanners the minute is the union, and each has its share in the # line', async () => {
  const { deps, spooled } = probe([look('eth0', { macs: [ANNE] })])
  const unifi = fakeScanner('unifi', () => ({ 'site:default': [ANNE, BOB], 'site:annex': [BOB] }))
  const nmap = fakeScanner('nmap', () => ({ eth0: [] }))
  expect(await record(deps, unifi, nmap)).toMatchObject({ devices: 2, problems: [] })
  expect(spooled[0]?.text.split('\n')[0]).toBe(
    '# devices=2 version=1.2.3 scanner=arp-scan,unifi,nmap seen=arp-scan:1,unifi:2,nmap:0 interfaces=eth0,site:default,site:annex duration_ms=812',
  )
})

test('one scanner failing is a partial scan that names it, and takes nothing from the others', async () => {
  const { deps, spooled } = probe([look('eth0', { macs: [ANNE] })])
  const nmap = fakeScanner('nmap', () => ({ eth0: FAILURE }))
  expect(await record(deps, nmap)).toMatchObject({
    outcome: 'written',
    devices: 1,
    problems: ["Can't scan eth0 with nmap: there is no link. To do: check the cable"],
  })
  const { meta } = decodeMinuteFile(Buffer.from(spooled[0]?.text ?? ''))
  expect([meta.get('partial'), meta.get('seen')]).toEqual([
    'eth0 with nmap: there is no link',
    'arp-scan:1,nmap:0',
  ])
})

test('all scanners failing leave no file', async () => {
  const { deps, spooled } = probe([look('eth0', { failure: FAILURE })])
  const unifi = fakeScanner('unifi', () => ({ 'site:default': FAILURE }))
  const { outcome, problems } = await record(deps, unifi)
  expect([outcome, problems.length, spooled]).toEqual(['not-looking', 2, []])
})

test('a minute that was recorded already is kept, and that is said', async () => {
  const { deps } = probe([look('eth0', { macs: [ANNE] })], 'already-there')
  const record = await recordMinute(BEGUN, deps)
  expect(record.outcome).toBe('already-there')
  expect(record.problems[0]).toContain(
    '20261122T0712Z-box.tsv was recorded already, and that is kept',
  )
})

test('no problem quotes a whole MAC address', async () => {
  const { deps } = probe([look('eth0', { macs: [ANNE], failure: FAILURE })], 'already-there')
  const { problems } = await recordMinute(BEGUN, deps)
  expect(problems.join()).not.toContain(ANNE)
})

test.each([
  ['2026-11-21T22:59:59Z', '2026-11-21/20261121T2259Z'],
  ['2026-11-21T23:00:00Z', '2026-11-22/20261121T2300Z'],
  ['2026-10-25T00:30:00Z', '2026-10-25/20261025T0030Z'], // 02:30, the first time
  ['2026-10-25T01:30:00Z', '2026-10-25/20261025T0130Z'], // 02:30, the second time
])('%s lies in %s', async (instant, name) => {
  const { deps, spooled } = probe([look('eth0')])
  await recordMinute(new Date(instant), deps)
  expect(spooled[0]?.path).toBe(`poulailler/${name}-box.tsv`)
})

test.each([
  ['00.000', 45_000],
  ['14.000', 45_000],
  ['14.001', 44_999],
  ['55.999', 3_001],
  ['56.000', 3_000],
  ['59.999', 3_000],
])('a scan begun at second %s may last %i ms', async (second, budget) => {
  const { deps, budgets } = probe([look('eth0')])
  await recordMinute(new Date(`2026-11-22T07:12:${second}Z`), deps)
  expect(budgets).toEqual([budget])
})

test('a scan begun in the first 55 seconds of a minute ends in it', () => {
  const msOfDay = fc.integer({ min: 0, max: 86_399_999 }).filter((ms) => ms % 60_000 < 55_000)
  fc.assert(fc.property(msOfDay, (ms) => (ms % 60_000) + scanBudgetMs(new Date(ms), 0) < 60_000))
})

test('a scan is given whole milliseconds, whatever the clock of durations counts', () => {
  expect(scanBudgetMs(BEGUN, 0.218)).toBe(44_999)
  expect(scanBudgetMs(BEGUN, 42_000.5)).toBe(3_000)
})

test.each([
  ['04', 40_000],
  ['30', 24_000],
  ['55', 3_000],
])('what asking for the clock took is not left for the scan of second %s', async (second, left) => {
  const { deps, spooled, budgets } = probe([look('eth0')])
  let asked = 0
  const check: Clock['check'] = async (begun) => {
    asked = 5_000
    return RIGHT_CLOCK.check(begun)
  }
  await recordMinute(new Date(`2026-11-22T07:12:${second}Z`), {
    ...deps,
    clock: { ...RIGHT_CLOCK, check },
    elapsedMs: () => deps.elapsedMs() + asked,
  })
  expect(budgets).toEqual([left])
  expect(spooled[0]?.text).toContain('duration_ms=812')
})

describe('the clock', () => {
  const clock = (parts: Partial<Clock>): Clock => ({ ...RIGHT_CLOCK, ...parts })

  test('not known to be right: nobody looks, and nothing is written', async () => {
    const { deps, spooled, budgets } = probe([look('eth0', { macs: [ANNE] })])
    const check = async () => ({ isRight: false, reason: 'nobody knows', advice: 'ask' }) as const
    expect(await recordMinute(BEGUN, { ...deps, clock: clock({ check }) })).toEqual({
      outcome: 'not-looking',
      problems: ["Can't record this minute: nobody knows. To do: ask"],
    })
    expect([spooled, budgets]).toEqual([[], []])
  })

  test('set while the scan ran: what it saw has no time that is known', async () => {
    const { deps, spooled } = probe([look('eth0', { macs: [ANNE] })])
    const record = await recordMinute(BEGUN, { ...deps, clock: clock({ hasStepped: () => true }) })
    expect(record.outcome).toBe('not-looking')
    expect(record.problems[0]).toContain('(1 devices): the clock was set meanwhile')
    expect(spooled).toEqual([])
  })
})

test('the free space travels in the file', async () => {
  const { deps, spooled } = probe([look('eth0')])
  await recordMinute(BEGUN, { ...deps, freeBytes: async () => 1_234_567_890 })
  expect(spooled[0]?.text).toMatch(/ free_mb=1234[ \n]/)
})

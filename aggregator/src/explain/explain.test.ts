import { describe, expect, test } from 'vitest'
import { entry, macOf, type SampleDay, sample, slotsFrom } from '../../testing/explain-samples.ts'
import { DEFAULT_RULE } from '../domain/rule.ts'
import { explanationSchema } from './explanation.ts'

const at = (clock: string, offset = '+01:00', day = '2026-11-20') => `${day}T${clock}:00${offset}`

describe('what was seen', () => {
  test('a device at two locations is one device', () => {
    const day = sample({
      seen: {
        poulailler: { 1: ['08:52-08:59', '09:10'], 2: ['10:00'] },
        'fte-rdc': { 1: ['18:40'] },
      },
    })
    expect(day).toMatchObject({
      amount: 0.5,
      slotCount: 4,
      slots: ['08:50', '09:10', '10:00', '18:40'],
      deviceCount: 2,
      seen: { first: at('08:52'), last: at('18:40') },
    })
    expect(day.devices.map(({ number, location, slots }) => [number, location, slots])).toEqual([
      [1, 'fte-rdc', ['18:40']],
      [1, 'poulailler', ['08:50', '09:10']],
      [2, 'poulailler', ['10:00']],
    ])
    expect(day.devices[1]?.inside).toEqual([
      { from: at('08:52'), to: at('09:00'), minutes: 8 },
      { from: at('09:10'), to: at('09:11'), minutes: 1 },
    ])
  })

  test('minutes outside the opening hours stand apart, and their devices fill nothing', () => {
    const day = sample({ seen: { a: { 1: ['07:58-08:01'], 2: ['22:00-22:09'] } } })
    expect(day).toMatchObject({ slotCount: 1, deviceCount: 1 })
    expect(day.devices[0]).toMatchObject({
      inside: [{ from: at('08:00'), to: at('08:02'), minutes: 2 }],
      outside: [{ from: at('07:58'), to: at('08:00'), minutes: 2 }],
    })
    expect(day.devices[1]).toMatchObject({ seen: null, slots: [], inside: [] })
  })

  test.each([
    ['2026-03-29', at('01:59', '+01:00', '2026-03-29'), at('03:01', '+02:00', '2026-03-29'), 2],
    ['2026-10-25', at('01:59', '+02:00', '2026-10-25'), at('03:01', '+01:00', '2026-10-25'), 122],
  ])('on %s an hour of the night is skipped or repeated', (day, from, to, minutes) => {
    const explained = sample({ day, seen: { a: { 1: ['01:59-03:00', '09:00'] } } })
    expect(explained.devices[0]?.outside).toEqual([{ from, to, minutes }])
    expect(explained.slots).toEqual(['09:00'])
  })

  test.each([
    [undefined, 'A4:83:…:01'],
    ['short', 'A4:83:…:01'],
    ['whole', macOf(1)],
  ] as const)('MACs spelled %s', (macs, spelled) => {
    const day = sample({ seen: { a: { 1: ['09:00'] } }, with: { macs } })
    expect(day.devices[0]?.mac).toBe(spelled)
  })

  test('nobody', () => {
    expect(sample({ looked: { a: ['00:00-23:59'] } })).toMatchObject({
      amount: 0,
      slotCount: 0,
      needed: 3,
      seen: null,
      nearMiss: null,
      deviceCount: 0,
      devices: [],
      lookedPercent: 100,
      registeredDevices: null,
    })
  })
})

test.each([
  [1, 0, 3, { short: 2, amount: 0.5 }],
  [2, 0, 3, { short: 1, amount: 0.5 }],
  [3, 0.5, 3, null],
  [27, 0.5, 3, null],
  [28, 0.5, 3, { short: 2, amount: 1 }],
  [29, 0.5, 3, { short: 1, amount: 1 }],
  [30, 1, 30, null],
  [31, 1, 30, null],
])('%i slots: %d ticket, which takes %i; near miss %j', (count, amount, needed, nearMiss) => {
  const day = sample({ seen: { a: { 1: slotsFrom('09:00', count) } } })
  expect(day).toMatchObject({ slotCount: count, amount, needed, nearMiss, rule: DEFAULT_RULE })
})

describe('looking', () => {
  test('holes, a failed part, an old day file, and a box that is silent', () => {
    const day = sample({
      clock: '15:00',
      looked: {
        a: ['00:00-12:09', '12:40-14:50'],
        b: ['00:00-23:59'],
        old: undefined,
      },
      partial: { b: ['10:00-10:09'] },
    })
    expect(day.locations).toEqual([
      {
        location: 'a',
        lookedMinutes: 381,
        openMinutes: 420,
        holes: [
          { from: at('12:10'), to: at('12:40'), minutes: 30 },
          { from: at('14:51'), to: at('15:00'), minutes: 9 },
        ],
        partial: [],
        silentSince: at('14:51'),
        withdrawn: [],
      },
      {
        location: 'b',
        lookedMinutes: 420,
        openMinutes: 420,
        holes: [],
        partial: [{ from: at('10:00'), to: at('10:10'), minutes: 10 }],
        silentSince: null,
        withdrawn: [],
      },
      {
        location: 'old',
        lookedMinutes: null,
        openMinutes: 420,
        holes: null,
        partial: [],
        silentSince: null,
        withdrawn: [],
      },
    ])
    expect(day).toMatchObject({ over: false, asOf: at('15:00'), lookedPercent: 95 })
  })

  test.each([
    ['21:59', false],
    ['22:00', true],
  ])('at %s the day is over: %s', (clock, over) => {
    expect(sample({ clock, looked: { a: ['00:00-20:59'] } })).toMatchObject({
      over,
      locations: [{ silentSince: over ? null : at('21:00') }],
    })
  })

  test.each([
    [[], true],
    [['08:00-19:11'], false],
    [['08:00-19:10'], true],
    [undefined, false],
  ])('a room looked at %j leaves the day incomplete: %s', (looked, incomplete) => {
    expect(sample({ looked: { a: looked } }).incomplete).toBe(incomplete)
  })
})

describe('decisions', () => {
  const held = entry({
    run: { id: 'r2', kind: 'replay', by: 'cli ana@box' },
    at: '2026-11-22T10:00:00.000Z',
    computed: 0.5,
    decision: 'hold',
    reason: 'a person set 1: was there by bicycle',
  })
  const { outcome: _, ...heldUnposted } = held

  test('stand in the order they were taken, in local time; what was posted last is charged', () => {
    const day = sample({ entries: [heldUnposted, entry()] })
    expect(day.charged).toBe(1)
    expect(day.history).toEqual([
      {
        at: at('22:15'),
        kind: 'nightly',
        by: 'timer',
        computed: 1,
        slotCount: 3,
        decision: 'post',
        reason: 'first for this day',
        outcome: 'posted',
        answer: null,
      },
      {
        at: at('11:00', '+01:00', '2026-11-22'),
        kind: 'replay',
        by: 'cli ana@box',
        computed: 0.5,
        slotCount: 3,
        decision: 'hold',
        reason: 'a person set 1: was there by bicycle',
        outcome: null,
        answer: null,
      },
    ])
  })

  test.each(['intended', 'refused', 'unknown'] as const)('%s is not charged', (outcome) => {
    expect(sample({ entries: [entry({ outcome })] }).charged).toBeNull()
  })
})

test.each<[string, SampleDay]>([
  ['nothing', {}],
  ['much', { seen: { a: { 1: ['08:00-23:59'] } }, looked: { b: undefined }, entries: [entry()] }],
  ['a day that has not begun', { clock: '00:00', looked: { a: [] } }],
])('%s survives JSON', (_, described) => {
  const explained = sample(described)
  expect(explanationSchema.parse(JSON.parse(JSON.stringify(explained)))).toEqual(explained)
})

import { type LocalDay, parseLocalDay } from '@presences/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { auditTrailOf, subjectOf } from './answer.ts'

const FROM = parseLocalDay('2026-03-01') as LocalDay
const OCCURRED = '2026-03-10T12:00:00.000Z'
const MEMBER = { _id: 'ana', email: 'ana@example.org' }
const ONE = 'AA:AA:AA:AA:AA:01'
const TWO = 'AA:AA:AA:AA:AA:02'
const THREE = 'AA:AA:AA:AA:AA:03'

/** An event as the server sends it, but for what `context` and `changes` say. */
function event(action: string, context: object = {}, changes: object = {}) {
  return {
    _id: `${action}1`,
    action,
    occurred: OCCURRED,
    author: null,
    context: { memberId: 'ana', member: MEMBER, ...context },
    ...changes,
  }
}

const read = (...events: unknown[]) => auditTrailOf(events, FROM)

describe('a correction', () => {
  const day = { date: '2026-01-05' }
  test.each<[string, object, number]>([
    ['a day added', { activity: { ...day, value: 1 } }, 1],
    ['a day edited', { activity: { ...day, value: 1, overrideValue: 0.5 } }, 0.5],
    ['edited to 0', { activity: { ...day, value: 1, overrideValue: 0 } }, 0],
    ['no override', { activity: { ...day, value: 0.5, overrideValue: null } }, 0.5],
    ['any value', { activity: { ...day, value: 1, overrideValue: -2.25 } }, -2.25],
    ['a value typed as text', { activity: { ...day, value: 1, overrideValue: '0.5' } }, 0.5],
    ['nothing left of the day', { activity: null, previousActivity: { ...day, value: 1 } }, 0],
  ])('%s: the value is the one the person set', (_, context, value) => {
    const trail = read(event('MEMBER_ACTIVITY_UPDATE', { ...context, comment: 'why' }))
    expect(trail.corrections).toMatchObject([
      { email: 'ana@example.org', day: '2026-01-05', value, comment: 'why' },
    ])
    expect(trail.faults).toEqual([])
  })

  test('without a comment has an empty one', () => {
    const trail = read(event('MEMBER_ACTIVITY_ADD', { activity: { ...day, value: 1 } }))
    expect(trail.corrections.map(({ comment }) => comment)).toEqual([''])
  })

  test.each<[string, string[] | undefined, unknown[]]>([
    ['nobody', undefined, [event('MEMBER_ACTIVITY_ADD', { activity: { ...day, value: 1 } })]],
    ['nobody, for a device', undefined, [event('MEMBER_DEVICE_ADD')]],
    ['its member', ['ana@example.org'], [event('MEMBER_ACTIVITY_ADD', { activity: day })]],
    ['everybody', [''], [{ action: 'MEMBER_ACTIVITY_ADD' }]],
    [
      'both, where two are',
      ['', 'ana@example.org'],
      [{ action: 'MEMBER_ACTIVITY_ADD' }, event('MEMBER_ACTIVITY_ADD', { activity: day })],
    ],
  ])('that is not understood may be missing of %s: %j', (_, unsure, events) => {
    expect(read(...events).unsure).toEqual(unsure)
  })

  test.each<[object | null | undefined, string | undefined]>([
    [null, undefined],
    [undefined, undefined],
    [{ name: 'Boss', email: 'boss@example.org' }, 'Boss'],
    [{ name: '', email: 'boss@example.org' }, 'boss@example.org'],
    [{}, 'somebody'],
  ])('by %j: the author is %s', (author, name) => {
    const activity = { activity: { ...day, value: 1 } }
    const trail = read(event('MEMBER_ACTIVITY_ADD', activity, { author }))
    expect(trail.corrections.map((correction) => correction.author)).toEqual([name])
  })

  test('comment and author are one line, without a whole MAC', () => {
    const context = { activity: { ...day, value: 1 }, comment: `phone\n${ONE}` }
    const trail = read(event('MEMBER_ACTIVITY_ADD', context, { author: { name: 'Bo\r\nss' } }))
    expect(trail.corrections).toMatchObject([{ comment: 'phone AA:AA:…:01', author: 'Bo ss' }])
  })

  test.each<[string, object]>([
    ['activity', { activity: 'deleted' }],
    ['day', { activity: null }],
    ['day', { activity: { date: '2026-02-30', value: 1 } }],
    ['activity.date', { activity: { value: 1 } }],
    ['value', { activity: day }],
    ['value', { activity: { ...day, value: null } }],
    ['activity.value', { activity: { ...day, value: '1,5' } }],
    ['comment', { activity: { ...day, value: 1 }, comment: 5 }],
  ])('not understood is a fault that names the %s: %j', (what, context) => {
    const trail = read(event('MEMBER_ACTIVITY_ADD', context))
    expect(trail.corrections).toEqual([])
    expect(trail.faults).toEqual([
      expect.stringMatching(
        `^Can't understand the audit event MEMBER_ACTIVITY_ADD of ${OCCURRED} for ana@example.org: .*${what}.*; look at the member's days`,
      ),
    ])
  })
})

describe('devices', () => {
  const device = (macAddress: string) => ({ device: { macAddress, name: 'phone' } })
  const previous = (macAddress: string) => ({ previousDevice: { macAddress } })
  const lists = (before: unknown, after: unknown) => ({
    previousMacAddresses: before,
    macAddresses: after,
  })

  test.each<[string, object, string[]]>([
    ['MEMBER_DEVICE_ADD', device(ONE), [`added ${ONE}`]],
    ['MEMBER_DEVICE_ADD', { device: { mac: 'aaaa.aaaa.aa01' } }, [`added ${ONE}`]],
    ['MEMBER_DEVICE_ADD', { device: ' aa-aa-aa-aa-aa-01 ' }, [`added ${ONE}`]],
    ['MEMBER_DEVICE_REMOVE', device(ONE), [`removed ${ONE}`]],
    [
      'MEMBER_DEVICE_UPDATE',
      { ...previous(ONE), ...device(TWO) },
      [`removed ${ONE}`, `added ${TWO}`],
    ],
    ['MEMBER_DEVICE_UPDATE', { ...previous(ONE), ...device(ONE.toLowerCase()) }, []],
    [
      'MEMBER_MAC_ADDRESSES_UPDATE',
      lists([ONE, TWO], [TWO, THREE]),
      [`removed ${ONE}`, `added ${THREE}`],
    ],
    ['MEMBER_MAC_ADDRESSES_UPDATE', lists([], [ONE, ONE]), [`added ${ONE}`]],
    ['MEMBER_MAC_ADDRESSES_UPDATE', lists([ONE], []), [`removed ${ONE}`]],
  ])('%s %j: %j', (action, context, changes) => {
    const trail = read(event(action, context))
    expect(trail.devices.map(({ change, mac }) => `${change} ${mac}`)).toEqual(changes)
    expect(trail.faults).toEqual([])
  })

  test.each<[string, object, string, string[]]>([
    ['MEMBER_DEVICE_ADD', {}, 'device', []],
    ['MEMBER_DEVICE_ADD', device('AA:AA'), 'device', []],
    ['MEMBER_DEVICE_UPDATE', device(TWO), 'previousDevice', []],
    ['MEMBER_DEVICE_UPDATE', previous(ONE), 'device', []],
    ['MEMBER_MAC_ADDRESSES_UPDATE', { macAddresses: [ONE] }, 'previousMacAddresses', []],
    [
      'MEMBER_MAC_ADDRESSES_UPDATE',
      lists([ONE], [TWO, '', THREE]),
      '"macAddresses" has no MAC address at position 2',
      [ONE, TWO, THREE],
    ],
  ])('%s %j is a fault that names %s', (action, context, what, told) => {
    const trail = read(event(action, context))
    expect(trail.devices.map(({ mac }) => mac)).toEqual(told)
    expect(trail.faults).toHaveLength(1)
    expect(trail.faults[0]).toContain(what)
    expect(trail.faults[0]).toContain("look at the member's devices")
  })
})

describe('events', () => {
  const added = (id: string, occurred: string, mac = ONE) =>
    event('MEMBER_DEVICE_ADD', { device: { macAddress: mac } }, { _id: id, occurred })

  test('one that matters is not lost to another kind with its id', () => {
    const other = { _id: 'same', action: 'UNLOCK_GATE' }
    expect(read(added('same', '2026-10-20T10:00:00.000Z'), other).devices).toHaveLength(1)
    expect(read({ action: 'MEMBER_DEVICE_ADD', _id: 'same' }, other).faults).toHaveLength(1)
  })

  test('of other kinds are passed over, whatever their shape', () => {
    expect(read({ action: 'UNLOCK_GATE' }, event('MEMBER_TICKET_ADD', { member: null }))).toEqual({
      corrections: [],
      devices: [],
      faults: [],
    })
  })

  test.each<[unknown]>([
    [null],
    ['MEMBER_DEVICE_ADD'],
    [{}],
    [{ action: 5 }],
    [{ action: 'MEMBER_DEVICE_ADD' }],
    [event('MEMBER_DEVICE_ADD', {}, { occurred: 'yesterday' })],
    [event('MEMBER_DEVICE_ADD', { member: undefined })],
    [event('MEMBER_ACTIVITY_ADD', {}, { author: 'Boss' })],
  ])('%j is one fault, and costs no other event', (broken) => {
    const { devices, faults } = read(broken, added('1', OCCURRED))
    expect(devices).toHaveLength(1)
    expect(faults).toEqual([expect.stringMatching(/^Can't understand the audit event .+; look at/)])
  })

  test.each([{ email: '' }, { email: null }, {}])(
    'of a member with %j have no e-mail',
    (member) => {
      const { devices } = read(event('MEMBER_DEVICE_ADD', { device: ONE, member }))
      expect(devices).toMatchObject([{ email: '', mac: ONE }])
    },
  )

  test('come oldest first; at the same instant, in the order they were done', () => {
    const { devices } = read(
      added('3', '2026-03-10T12:00:00.000Z', THREE),
      added('2', '2026-03-10T12:00:00.000Z', TWO),
      added('1', '2026-03-10T13:59:59.000+02:00', ONE),
    )
    expect(devices.map(({ mac }) => mac)).toEqual([ONE, TWO, THREE])
  })

  test('sent twice count once; two without an id are one when they are alike', () => {
    const { _id, ...without } = added('1', OCCURRED, TWO)
    const { devices } = read(added('1', OCCURRED), without, added('1', OCCURRED), without)
    expect(devices.map(({ mac }) => mac)).toEqual([TWO, ONE])
  })

  test('nested deeper than can be written as text cost nothing else', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(20_000)}0${'}'.repeat(20_000)}`)
    const { devices, faults } = read(deep, added('1', OCCURRED), [deep])
    expect(devices).toHaveLength(1)
    expect(faults).toHaveLength(2)
  })

  test.each([
    ['2026-02-28T23:59:59.999Z', 0],
    ['2026-03-01T00:00:00.000Z', 1],
    ['2026-03-01T00:30:00.000+01:00', 0],
  ])('of %s: %i told since 1 March, in UTC', (occurred, told) => {
    expect(read(added('1', occurred)).devices).toHaveLength(told)
  })

  test.each([
    [event('ANY'), 'ana'],
    [{ context: {} }, undefined],
    [null, undefined],
  ])('%j is about %s', (each, subject) => {
    expect(subjectOf(each)).toBe(subject)
  })
})

test('of any list, each event that matters is told or reported', () => {
  const known = fc.constantFrom(OCCURRED, ONE, MEMBER, { date: '2026-01-05', value: 1 })
  // An empty list tells, rightly, nothing.
  const part = fc.oneof(
    fc.jsonValue().filter((value) => !Array.isArray(value)),
    known,
  )
  const action = fc.constantFrom('MEMBER_DEVICE_ADD', 'MEMBER_ACTIVITY_UPDATE')
  const member = fc.oneof(part, fc.constant(MEMBER))
  const context = fc.oneof(part, fc.record({ member, activity: part, device: part }))
  const any = fc.record({
    _id: fc.uuid(),
    action,
    occurred: fc.constantFrom(OCCURRED, 'x'),
    context,
  })
  fc.assert(
    fc.property(fc.uniqueArray(any, { selector: ({ _id }) => _id }), (events) => {
      const { corrections, devices, faults } = read(...events)
      expect(corrections.length + devices.length + faults.length).toBe(events.length)
    }),
  )
})

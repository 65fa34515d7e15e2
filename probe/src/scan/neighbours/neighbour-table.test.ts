import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recorded } from '../../../testing/recorded.ts'
import {
  hasAnswered,
  isBeingAsked,
  isBeingSought,
  type Neighbour,
  parseNeighbours,
} from './neighbour-table.ts'

const FIVE = [2, 3, 4, 5, 6].map((host) => `02:00:00:00:0${host}:AF`)

describe('what ip really printed', () => {
  /** The IPv4 hosts of each kind, by their last number; 15 to 17 were asked for and are not there. */
  test.each([
    ['several-hosts', [10, 11, 12, 13, 14], []],
    ['being-asked', [10, 11, 12, 13, 14], [15, 16, 17]],
    ['stale', [], []],
    // Number 14 has left a minute ago, and nobody knows yet.
    ['delay', [], [10, 11, 12, 13, 14, 15, 16, 17]],
    ['probe', [10, 11, 12, 13], [14]],
    ['one-gone', [10, 11, 12, 13], []],
    ['permanent', [10, 11, 12, 13, 14], []],
    ['empty', [], []],
  ])('%s', (name, answered, asked) => {
    const { stdout, code } = recorded('neighbours', name)
    expect(code).toBe(0)
    const { neighbours, unreadable } = parseNeighbours(stdout)
    expect(unreadable).toEqual([])
    expect(numbersOf(neighbours.filter(hasAnswered))).toEqual(answered)
    expect(numbersOf(neighbours.filter(isBeingAsked))).toEqual(asked)
  })

  test('each has its address, and its MAC once it has answered', () => {
    const { neighbours } = parseNeighbours(recorded('neighbours', 'several-hosts').stdout)
    const macs = new Set(neighbours.filter(hasAnswered).map(({ mac }) => mac))
    // The sixth is the bridge's, which has IPv6 alone.
    expect([...macs].sort()).toEqual([...FIVE, '0A:B3:93:37:2C:F2'])
    expect(neighbours).toContainEqual({
      address: 'fe80::ff:fe00:6af',
      mac: FIVE[4],
      state: 'REACHABLE',
    })
    expect(neighbours).toContainEqual({
      address: '10.77.0.15',
      mac: undefined,
      state: 'FAILED',
    })
  })
})

const entry = (state: string) => ({ address: '10.0.0.1', mac: undefined, state })

test.each([
  ['REACHABLE', true, false, false],
  ['STALE', false, false, false],
  ['DELAY', false, true, false],
  ['PROBE', false, true, false],
  ['INCOMPLETE', false, true, true],
  ['FAILED', false, false, false],
  ['PERMANENT', false, false, false],
  ['NOARP', false, false, false],
])('%s: answered %s, being asked %s, sought %s', (state, answered, asked, sought) => {
  const neighbour = entry(state)
  expect([hasAnswered(neighbour), isBeingAsked(neighbour), isBeingSought(neighbour)]).toEqual([
    answered,
    asked,
    sought,
  ])
})

test.each([
  ['', 'no JSON list'],
  ['{}', 'no JSON list'],
  ['[{"dst":"10.0.0.1","state":["REACH', 'no JSON list'],
  ['[null]', 'no address'],
  ['[{"state":["REACHABLE"]}]', 'no address'],
  ['[{"dst":"10.0.0.1"}]', 'no state'],
  ['[{"dst":"10.0.0.1","state":"REACHABLE"}]', 'no state'],
  [
    '[{"dst":"10.0.0.1","state":["REACHABLE"],"lladdr":"0.0.0.0"}]',
    'no MAC address of one that answered',
  ],
])('%j is reported', (json, reason) => {
  expect(parseNeighbours(json)).toEqual({ neighbours: [], unreadable: [{ line: 1, reason }] })
})

test('every entry of any list is a neighbour or is reported', () => {
  const any = fc.oneof(
    fc.jsonValue(),
    fc.record({ dst: fc.string(), state: fc.tuple(fc.constantFrom('REACHABLE', 'STALE')) }),
  )
  fc.assert(
    fc.property(fc.array(any), (entries) => {
      const { neighbours, unreadable } = parseNeighbours(JSON.stringify(entries))
      expect(neighbours.length + unreadable.length).toBe(entries.length)
    }),
  )
})

function numbersOf(neighbours: readonly Neighbour[]): number[] {
  const own = neighbours.filter(({ address }) => address.startsWith('10.77.'))
  return own.map(({ address }) => Number(address.split('.')[3])).sort((a, b) => a - b)
}

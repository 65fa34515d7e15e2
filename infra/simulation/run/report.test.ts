import { expect, test } from 'vitest'
import { randomOf } from '../../random.ts'
import { drawFaults } from '../faults/faults.ts'
import { describeFailure } from './report.ts'

const OPTIONS = { seed: 7, days: 20, people: 3, locations: 1, without: new Set<never>() }
const LINES = [
  '2030-01-05T20:15:00 run1 begins: upload',
  '2030-01-05T20:15:00 run12 begins: upload',
  '2030-01-06T03:00:00 registers member1 AA:BB:CC:DD:EE:FF',
  '2030-01-06T03:00:00 registers member12 AA:BB:CC:DD:EE:00',
  '2030-01-06T03:00:00 member1 comes back as member9',
  '2030-01-07T20:15:00 run2 POST /api/presence m1@example.org 2030-01-05 0.5 fine',
  '2030-01-07T20:15:00 run2 POST /api/presence m12@example.org 2030-01-05 0.5 fine',
  '2030-01-08T20:15:00 run3 POST /api/presence m1@example.org 2030-01-08 0.5 fine',
]

function told(day: string, member: string): string[] {
  const described = describeFailure(OPTIONS, {
    failures: [{ day, member, what: 'wrong' }],
    trail: { lines: LINES, note: () => {}, digest: () => '' },
    faults: drawFaults(randomOf(7), OPTIONS),
    firstDay: '2030-01-05',
    store: 'port',
    counts: { runs: 3, killed: 0, posts: 3 },
  })
  return described.filter((line) => line.startsWith('  ')).map((line) => line.trim())
}

test('of a member: what was done about them, and what happened to their day', () => {
  expect(told('2030-01-05', 'member1')).toEqual([LINES[2], LINES[4], LINES[5]])
})

test('of a run: what it did, and not what one did whose name begins alike', () => {
  expect(told('', 'run1')).toEqual([LINES[0]])
})

test('nothing of a world that did not fail', () => {
  const trail = { lines: LINES, note: () => {}, digest: () => '' }
  const counts = { runs: 3, killed: 0, posts: 3 }
  const faults = drawFaults(randomOf(7), OPTIONS)
  const right = {
    failures: [],
    trail,
    faults,
    firstDay: '2030-01-05',
    store: 'port',
    counts,
  } as const
  expect(describeFailure(OPTIONS, right)).toEqual([])
})

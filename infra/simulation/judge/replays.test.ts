import { expect, test } from 'vitest'
import { type Looked, noteSeen, type World } from '../world/world.ts'
import { judgeProposals, judgeReplay } from './replays.ts'

const MAC = 'AA:BB:CC:DD:EE:FF'
const DAY = '2030-11-20'
const RIGHT = { day: DAY, minutes: 3, slots: 1, locations: ['fte-rdc', 'poulailler'] }

/** A device seen in three minutes, in two rooms; one minute in both, two of them before opening. */
function world(): World {
  const seen = { seen: new Map(), seenMinutes: new Map() as Looked, damaged: new Set() }
  for (const [location, slot, minute] of [
    ['poulailler', 47, 1],
    ['poulailler', 47, 2],
    ['fte-rdc', 47, 2],
    ['poulailler', 48, 3],
  ] as const) {
    noteSeen(seen as never, { day: DAY, location, mac: MAC, slot, minute })
  }
  return seen as never
}

test.each([
  ['as it was', [RIGHT], 0],
  ['with twice the slots', [{ ...RIGHT, slots: 2 }], 1],
  ['with a minute more', [{ ...RIGHT, minutes: 4 }], 1],
  ['without a room', [{ ...RIGHT, locations: ['poulailler'] }], 1],
  ['not at all', [], 1],
  ['and of a day on which it was not there', [RIGHT, { ...RIGHT, day: '2030-11-21' }], 1],
])('a device told %s', (_, days, count) => {
  const told: string[] = []
  const period = { mac: MAC, from: '2030-11-19', to: '2030-11-21' }
  judgeReplay({ body: { days } }, period, world(), (...failure) => told.push(failure.join(' ')))
  expect(told).toHaveLength(count)
})

test.each([
  ['for them, in its period', 'ana@example.org', '2030-11-12', 0],
  ['for somebody else', 'bob@example.org', '2030-11-12', 1],
  ['of another day', 'ana@example.org', '2030-11-15', 1],
])('a replay that posts, with a proposal %s', (_, email, date, count) => {
  const errors = `WARN: Registered late: 1 half day for ana@example.org, 2030-11-10 to 2030-11-14, 0.5 tickets, AA:BB:…:FF: presences-aggregator reupload --proposal 3\n`
  const told: string[] = []
  judgeProposals({ out: [], errors }, [{ email, date, amount: 0.5 }] as never, (...failure) =>
    told.push(failure.join(' ')),
  )
  expect(told).toHaveLength(count)
})

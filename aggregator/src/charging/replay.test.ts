/** Whether a replay left something undone; what it does, `trust.test.ts` and `later-runs.test.ts` tell. */
import type { LocalDay } from '@presences/shared'
import { expect, test } from 'vitest'
import type { Ownership } from '../domain/ownership.ts'
import type { DayUnreadable } from './read-day.ts'
import { isReplayComplete, type Replayed, type ReplayedDay } from './replay.ts'
import type { DaySettled, MemberSettled } from './settle-day.ts'

const DAY = '2026-11-20' as LocalDay
const ANA: Ownership = { kind: 'member', email: 'ana@x', name: 'Ana' }
const settled = (outcome: MemberSettled['outcome']) => ({ decided: {}, outcome }) as MemberSettled
const day = (change: Partial<ReplayedDay>): ReplayedDay => ({
  day: DAY,
  minutes: 3,
  slots: 3,
  locations: ['a'],
  owned: { owner: ANA, source: 'map' },
  member: settled('posted'),
  ...change,
})
const owned = (owner: Ownership) => ({
  owned: { owner, source: 'map' as const },
  member: undefined,
})
const undone = { day: DAY, members: [settled('unknown')] } as unknown as DaySettled
const done = { day: DAY, members: [settled('posted')] } as unknown as DaySettled

test.each<[string, Partial<Replayed>, boolean]>([
  ['no day', {}, true],
  ['a day that is charged', { days: [day({})] }, true],
  [
    'a day whose post failed, beside another',
    { days: [day({}), day({ member: settled('unknown') })] },
    false,
  ],
  ['a day of the space’s own device', { days: [day(owned({ kind: 'excluded', name: '' }))] }, true],
  ['a day of a device of nobody', { days: [day({ owned: undefined, member: undefined })] }, false],
  [
    'a day on which nobody can be charged',
    { days: [day(owned({ kind: 'noEmail', name: 'Eve' }))] },
    false,
  ],
  [
    'nor outside the opening hours',
    { days: [day({ ...owned({ kind: 'noEmail', name: 'Eve' }), slots: 0 })] },
    false,
  ],
  ['a member’s day outside the opening hours', { days: [day({ ...owned(ANA), slots: 0 })] }, true],
  ['a member’s day that was not decided', { days: [day({ ...owned(ANA), slots: 1 })] }, false],
  ['a day that can not be read', { unreadable: [{} as DayUnreadable] }, false],
  [
    'a day of which nobody could say afterwards',
    { rechecked: { days: [], unasked: [DAY] } },
    false,
  ],
  ['a correction that is covered', { rechecked: { days: [done, undone], unasked: [] } }, false],
  ['a correction that was put back', { rechecked: { days: [done], unasked: [] } }, true],
])('of a replay with %s: whether it is complete', (_, change, isSo) => {
  const replayed: Replayed = {
    days: [],
    unreadable: [],
    faults: [],
    rechecked: { days: [], unasked: [] },
    unremembered: undefined,
    ...change,
  }
  expect(isReplayComplete(replayed)).toBe(isSo)
})

/** The targets of what a box's key may write can fail: each is given readers that are broken in one place. */
import { readRooms } from '@presences/aggregator/charging/known-rooms.ts'
import { mergeMinuteFile } from '@presences/aggregator/rollup/raw-object.ts'
import { refreshRollup } from '@presences/aggregator/rollup/refresh-rollup.ts'
import { readRoomBook } from '@presences/aggregator/rooms/room-store.ts'
import { LIMITS } from '@presences/shared'
import { expect, test } from 'vitest'
import { fuzzTarget } from '../engine/fuzz-target.ts'
import type { Target } from '../engine/target.ts'
import { dayFolderTarget } from './day-folder-targets.ts'
import { hostileDayTarget } from './hostile-day-targets.ts'
import { roomBookTarget, roomNamesTarget } from './room-targets.ts'

const BROKEN: readonly (readonly [how: string, target: Target, fault: string])[] = [
  [
    'a folder is read without limits',
    dayFolderTarget((room, day, deps) => refreshRollup(room, day, { ...deps, limits: LIMITS })),
    'no more objects than there may be are looked at',
  ],
  [
    'minute files may be as large as day files',
    dayFolderTarget((room, day, deps) => {
      const limits = { ...(deps.limits ?? LIMITS), minuteFileBytes: 5_000 }
      return refreshRollup(room, day, { ...deps, limits })
    }),
    'what does not fit is not fetched',
  ],
  [
    'fewer probes are read than may be',
    dayFolderTarget((room, day, deps) => {
      const limits = { ...(deps.limits ?? LIMITS), roomDayProbes: 2 }
      return refreshRollup(room, day, { ...deps, limits })
    }),
    'what fits is fetched',
  ],
  [
    'the day is that of another time zone',
    dayFolderTarget((room, day, deps) => refreshRollup(room, day, { ...deps, timeZone: 'UTC' })),
    'what fits is fetched',
  ],
  [
    'names that mean nothing are passed over',
    dayFolderTarget(async (room, day, deps) => {
      const read = await refreshRollup(room, day, deps)
      return { ...read, refused: read.refused.filter(({ reason }) => !/the name/.test(reason)) }
    }),
    'no object is passed over in silence',
  ],
  [
    'a room has any number of devices',
    hostileDayTarget((rollup, name, object) => mergeMinuteFile(rollup, name, object, LIMITS)),
    'a room has no more devices than it may',
  ],
  [
    'a file counts once more each time it is read',
    hostileDayTarget((rollup, name, object, limits) => {
      mergeMinuteFile(rollup, name, object, limits)
      const faults = rollup.faults.get(object.key)
      if (faults) rollup.faults.set(object.key, { ...faults, count: rollup.faults.size })
    }),
    'the same files again change nothing',
  ],
  [
    'a minute is kept where none is read',
    hostileDayTarget((rollup, name, object, limits) => {
      mergeMinuteFile(rollup, name, object, limits)
      rollup.versions.set('gone', new Uint8Array(1))
    }),
    'it threw RollupError',
  ],
  [
    'any name is a room',
    roomNamesTarget(async (deps) => {
      const { known, waiting, ignored } = await readRooms(deps)
      return { known, waiting: [...waiting, ...ignored], ignored: [] }
    }),
    'no other folder is a room',
  ],
  [
    'every room is known',
    roomNamesTarget(async (deps) => {
      const { known, waiting, ignored } = await readRooms(deps)
      return { known: [...known, ...waiting], waiting: [], ignored }
    }),
    'no more rooms are known than a space has',
  ],
  [
    'an empty name is no folder',
    roomNamesTarget(async (deps) => {
      const rooms = await readRooms(deps)
      return { ...rooms, ignored: rooms.ignored.filter((name) => name !== '') }
    }),
    'each folder is sorted once',
  ],
  [
    'a damaged book makes a room known',
    roomBookTarget(async (...given) => {
      const book = await readRoomBook(...given)
      return { ...book, begun: book.begun ?? ['lab'] }
    }),
    'a damaged book makes no room known',
  ],
]

test.each(BROKEN)('%s: it is caught', async (_, target, fault) => {
  const run = await fuzzTarget(target, { target: target.name, seed: 4, from: 1, to: 400 })
  expect(run.failure?.fault).toContain(fault)
})

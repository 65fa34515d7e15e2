/** The minutes of a day, read and kept, broken. */
import type { Mutant } from './mutant.ts'

export const ROLLUP: readonly Mutant[] = [
  {
    name: 'charges-withdrawn',
    what: 'counts evidence that a person took out of account',
    file: 'withdrawal/read-room.ts',
    from: 'withoutMinutes(ofProbes, hidden, ofAll)',
    to: 'ofProbes',
  },
  {
    name: 'forgets-restorations',
    what: 'goes on without evidence that a person gave back',
    file: 'withdrawal/withdrawals.ts',
    from: 'withdrawn.filter(({ id }) => !ended.has(id))',
    to: 'withdrawn.filter(() => ended !== undefined)',
  },
  {
    name: 'trusts-cut-files',
    what: 'takes a file that was cut short for whole',
    file: 'rollup/raw-object.ts',
    from: 'isCut(meta, sightings + beyond) || (!isEmpty && object.bytes.at(-1) !== LINE_FEED)',
    to: 'isCut(new Map(), sightings)',
  },
  {
    name: 'forgets-late-files',
    what: 'never looks again at a day it has a rollup of',
    file: 'rollup/refresh-rollup.ts',
    from: '= await findMissing(rollup, store, limits)',
    to: '= stored.etag ? { missing: [], refused: [] } : await findMissing(rollup, store, limits)',
  },
  {
    name: 'keeps-cut-files',
    what: 'never reads a file again that was cut short and is whole by now',
    file: 'rollup/raw-object.ts',
    from: 'if (faults !== undefined) return faults.etag === etag',
    to: 'if (faults !== undefined) return true',
  },
  {
    name: 'whole-for-half-a-look',
    what: 'takes a scan of one network for one of all',
    file: 'rollup/raw-object.ts',
    from: 'if (meta.has(PARTIAL_KEY))',
    to: 'if (meta.has(PARTIAL_KEY) && minute < 0)',
  },
  {
    name: 'rounds-minutes',
    what: 'keeps the slots of a device, and not its minutes',
    file: 'rollup/raw-object.ts',
    from: 'addMinute(deviceMinutes(rollup, mac), elapsed)',
    to: 'addMinute(deviceMinutes(rollup, mac), elapsed - (elapsed % 10))',
  },
]

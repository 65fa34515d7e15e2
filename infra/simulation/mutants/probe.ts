/** The box, broken: scanning, its clock, its spool, shipping. */
import type { Mutant } from './mutant.ts'

export const PROBE: readonly Mutant[] = [
  {
    name: 'torn-minutes',
    what: 'names a minute file before it is on the disk',
    file: 'probe/src/spool/durable-write.ts',
    from: 'await file.sync()',
    to: '',
  },
  {
    name: 'unsafe-names',
    what: 'tells a minute as written before its name is on the disk',
    file: 'probe/src/spool/folder-spool.ts',
    from: "await waitForDisk(fs, dirname(target))\n        return 'written'",
    to: "return 'written'",
  },
  {
    name: 'forgets-recorded-minutes',
    what: 'records a minute anew that is shipped already',
    file: 'probe/src/spool/recorded-minutes.ts',
    from: 'const records = recordsOf(path)\n  const file',
    to: 'if (path) return true\n  const records = recordsOf(path)\n  const file',
  },
  {
    name: 'days-of-utc',
    what: 'puts minutes in the folder of the day of UTC',
    file: 'probe/src/record/record-minute.ts',
    from: 'localDayOf(begun, deps.timeZone)',
    to: "localDayOf(begun, 'UTC')",
  },
  {
    name: 'empty-when-blind',
    what: 'says that nobody was there when it could not look',
    file: 'probe/src/record/record-minute.ts',
    from: 'looks.every((look) => look.failure))',
    to: 'looks.every((look) => look.failure) && deps.location === undefined)',
  },
  {
    name: 'holes-for-half-a-look',
    what: 'throws away what one network showed when another could not be looked at',
    file: 'probe/src/record/record-minute.ts',
    from: 'macs.size === 0 && looks.every(',
    to: 'looks.some(',
  },
  {
    name: 'forgets-packs',
    what: 'ships nothing of what it had packed',
    file: 'probe/src/ship/send-waiting.ts',
    from: 'await unpackAll(portion.packs)',
    to: 'await unpackAll([])',
  },
  {
    name: 'looks-every-other-minute',
    what: 'records nothing in odd minutes',
    file: 'probe/src/record/record-minute.ts',
    from: 'if (!clock.isRight) return',
    to: 'if (!clock.isRight || begun.getUTCMinutes() % 2 === 1) return',
  },
  {
    name: 'forgets-claims',
    what: 'throws away a minute that a killed scan had claimed',
    file: 'probe/src/spool/folder-spool.ts',
    from: 'if (path !== undefined) await name(temporary, path)',
    to: '',
  },
  {
    name: 'records-at-any-time',
    what: 'records minutes while the clock is not known to be right',
    file: 'probe/src/record/record-minute.ts',
    from: 'if (!clock.isRight) return',
    to: 'if (!clock.isRight && deps.location === undefined) return',
  },
  {
    name: 'believes-old-marks',
    what: 'takes a mark of before the clock was set for one of after',
    file: 'probe/src/clock/clock.ts',
    from: '(memory?.isMarkStale === true && markMs !== memory.markMs)',
    to: 'markMs !== memory?.markMs',
  },
  {
    name: 'blind-after-a-step',
    what: 'records nothing more once the clock was set by whatever synchronises it',
    file: 'probe/src/clock/clock.ts',
    from: 'if (answer.isSynchronized || hasMark) return',
    to: 'if (judged.stepMs === undefined && (answer.isSynchronized || hasMark)) return',
  },
]

/**
 * The story of one minute: look at the networks, put what was seen in the spool. Everything seen
 * counts for the instant the scan began. When no network could be looked at, or the clock is not known
 * to be right, there is no file: an empty file says "looked, and saw nobody".
 */
import {
  encodeMinuteFile,
  epochMinuteOf,
  formatSpoolPath,
  localDayOf,
  type Mac,
} from '@presences/shared'
import type { Clock } from '../clock/clock.ts'
import { lookAll } from '../scan/look-all.ts'
import { metaOf, problemsOf } from '../scan/scan-report.ts'
import type { Scanner } from '../scan/scanner.ts'
import type { Spool } from '../spool/spool.ts'

export interface RecordDeps {
  readonly location: string
  readonly probe: string
  readonly timeZone: string
  /** The probe's own, for the `#` line. */
  readonly version: string
  readonly scanners: readonly Scanner[]
  readonly spool: Spool
  readonly clock: Clock
  /** Bytes free where the spool is, for the `#` line; `undefined` where that can't be told. */
  readonly freeBytes: () => Promise<number | undefined>
  /** A clock that is never set, for durations. */
  readonly elapsedMs: () => number
}

/** What came of a minute. `problems` are sentences for the log: each says what to do. */
export type MinuteRecord =
  | { readonly outcome: 'not-looking'; readonly problems: readonly string[] }
  | {
      readonly outcome: 'written' | 'already-there'
      readonly path: string
      readonly devices: number
      readonly problems: readonly string[]
    }

/** Scans once and records it under the minute of `begun`. Throws when the spool can't be written. */
export async function recordMinute(begun: Date, deps: RecordDeps): Promise<MinuteRecord> {
  const askedMs = deps.elapsedMs()
  const clock = await deps.clock.check(begun)
  if (!clock.isRight) return notLooking(`Can't record this minute: ${clock.reason}`, clock.advice)
  const startedMs = deps.elapsedMs()
  const seen = await lookAll(deps.scanners, scanBudgetMs(begun, startedMs - askedMs))
  const durationMs = Math.round(deps.elapsedMs() - startedMs)
  const problems = problemsOf(seen)
  const looks = seen.flatMap(({ looks }) => looks)
  const macs = new Set<Mac>(looks.flatMap((look) => look.macs))
  if (macs.size === 0 && looks.every((look) => look.failure))
    return { outcome: 'not-looking', problems }
  if (deps.clock.hasStepped()) {
    return notLooking(
      `Can't record this scan (${macs.size} devices): the clock was set meanwhile`,
      ONCE,
    )
  }

  const name = {
    location: deps.location,
    day: localDayOf(begun, deps.timeZone),
    minute: epochMinuteOf(begun),
    probe: deps.probe,
  }
  const text = encodeMinuteFile(
    {
      instant: begun,
      macs,
      meta: { version: deps.version, ...metaOf(seen, durationMs, await deps.freeBytes()) },
    },
    deps.timeZone,
  )
  const added = await deps.spool.add(formatSpoolPath(name), text)
  if (added.outcome === 'already-there') problems.push(alreadyRecorded(added.path, macs.size))
  return { ...added, devices: macs.size, problems }
}

/**
 * How long a scan may last, when so much time has passed since `begun` (asking whether the clock is right may
 * take seconds): it ends before its minute does, and before a unit's time limit would end the program
 * without a word; but it is given 3 s at least. A whole number: time limits take no other.
 */
export function scanBudgetMs(begun: Date, passedMs: number): number {
  const leftMs = 59_000 - (begun.getTime() % 60_000)
  return Math.max(Math.floor(Math.min(leftMs, 45_000) - passedMs), 3_000)
}

const ONCE = 'nothing if it happens once; else presences-probe doctor'

function notLooking(problem: string, advice: string): MinuteRecord {
  return { outcome: 'not-looking', problems: [`${problem}. To do: ${advice}`] }
}

function alreadyRecorded(path: string, devices: number): string {
  return `Can't record this scan (${devices} devices): ${path} was recorded already, and that is kept. To do: nothing if two scans ran in one minute; else check the clock, and that no other probe has this PROBE_ID`
}

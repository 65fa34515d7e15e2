/**
 * How a probe does, in one screen: what the last scan saw, what waits, when something was last shipped, the clock. It
 * looks and changes nothing, and does not scan: that is the doctor's.
 */
import type { Clock } from '../clock/clock.ts'
import type { ProbeConfig } from '../config.ts'
import type { LastScan } from '../record/last-scan.ts'
import type { SpoolSummary } from '../spool/summary.ts'
import { type Check, withPage } from './check.ts'
import { checkClock } from './clock.ts'
import { checkLastScan } from './last-scan-state.ts'
import { checkRoom, checkSummary } from './spool-state.ts'

export interface StatusFacts {
  readonly now: Date
  readonly config: ProbeConfig
  readonly clock: Clock
  readonly lastScan: LastScan | undefined
  /** When a minute was last recorded; `undefined` when none was, or the spool can't be listed. */
  readonly recorded: Date | undefined
  /** `undefined`: the spool is missing, or can't be listed. */
  readonly spool: SpoolSummary | undefined
  readonly freeBytes: number | undefined
}

/** The checks that need no scan, in the order people ask: seen, shipped, room, clock. */
export async function statusChecks(facts: StatusFacts): Promise<Check[]> {
  const { now, config, spool, freeBytes } = facts
  return [
    checkLastScan(facts.lastScan, facts.recorded, now),
    ...(spool ? checkSummary(spool, config.spoolMaxBytes, now) : [missing(config.spool)]),
    ...(freeBytes === undefined ? [] : [checkRoom(freeBytes)]),
    await checkClock(now, config.timeZone, facts.clock),
  ]
}

/** The same for programs: instants as ISO 8601, sizes in bytes. */
export function statusJson(facts: StatusFacts, version: string, checks: readonly Check[]): object {
  const { now, config, lastScan, spool, freeBytes } = facts
  return {
    version,
    location: config.location,
    probe: config.probe,
    now: now.toISOString(),
    lastScan: lastScan ?? null,
    lastRecorded: facts.recorded?.toISOString() ?? null,
    spool: spool
      ? {
          waiting: spool.waiting,
          packed: spool.packed,
          bytes: spool.bytes,
          maxBytes: config.spoolMaxBytes,
          oldest: spool.oldest === undefined ? null : new Date(spool.oldest * 60_000).toISOString(),
        }
      : null,
    lastShipment: spool?.shipped?.toISOString() ?? null,
    freeBytes: freeBytes ?? null,
    checks: checks.map(withPage),
  }
}

function missing(folder: string): Check {
  return {
    subject: 'spool',
    state: 'degraded',
    finding: `${folder} can't be listed`,
    advice: 'presences-probe doctor says why; before the first scan this is as it should be',
  }
}

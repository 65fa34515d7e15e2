/** How the last scan went, for `status`: kept in memory until the machine starts anew. */
import type { MinuteRecord } from './record-minute.ts'

export interface LastScan {
  /** When it began, as ISO 8601. */
  readonly begun: string
  readonly outcome: MinuteRecord['outcome'] | 'failed'
  /** Devices it saw; absent when nothing was recorded. */
  readonly devices?: number
  /** Sentences, as the log has them. */
  readonly problems: readonly string[]
}

/** What came of a scan that began at `begun`. */
export function lastScanOf(begun: Date, record: MinuteRecord): LastScan {
  const { outcome, problems } = record
  const devices = outcome === 'not-looking' ? {} : { devices: record.devices }
  return { begun: begun.toISOString(), outcome, ...devices, problems }
}

/** A scan that ended with an error. */
export function failedScan(begun: Date, error: Error): LastScan {
  return { begun: begun.toISOString(), outcome: 'failed', problems: [error.message] }
}

/** True for what `LastScan` looks like: it is read back from a file. */
export function isLastScan(value: unknown): value is LastScan {
  if (typeof value !== 'object' || value === null) return false
  const { begun, outcome, devices, problems } = value as Record<string, unknown>
  return (
    typeof begun === 'string' &&
    !Number.isNaN(Date.parse(begun)) &&
    typeof outcome === 'string' &&
    (devices === undefined || typeof devices === 'number') &&
    Array.isArray(problems) &&
    problems.every((problem) => typeof problem === 'string')
  )
}

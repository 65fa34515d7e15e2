/** What every command is given from outside: the machine it runs on, and where it prints. cli.ts makes both. */
import type { ReadText } from '@presences/shared'

/** What the machine gives a probe. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hostName: string
  /** Unique to this process on this machine. */
  readonly processName: string
  readonly version: string
  readonly elapsedMs: () => number
  readonly now: () => Date
  /** Since the machine started, with the time it slept. */
  readonly uptimeMs: () => number
  readonly readText: ReadText
  /** Makes a zone the process's own, for which local times are told much faster. */
  readonly useTimeZone?: (name: string) => void
}

/** Where a command prints. */
export interface Screen {
  /** Results. */
  readonly out: (text: string) => void
  /** Problems and progress. */
  readonly err: (text: string) => void
}

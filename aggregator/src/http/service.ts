/** What the routes ask of the rest of the program: a port, wired in commands/serve-command.ts. */
import type { LocalDay } from '@presences/shared'
import type { Asked, Charging } from '../charging/charging.ts'
import type { OnWait } from '../ledger/lease.ts'
import type { Log } from '../runtime/log.ts'
import type { Reading } from '../wiring.ts'
import type { Measured } from './metrics.ts'

/** A thing the service stands on, and whether it can be used: `fault` says why not. */
export interface Readiness {
  readonly name: string
  readonly fault?: string
}

export interface Service {
  readonly adminTokens: readonly string[]
  readonly corsOrigins: readonly string[]
  /** The addresses of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  readonly log: Log
  readonly now: () => Date
  readonly today: () => LocalDay
  /** What reading takes, as it is right now. Throws StoreError, TicketsError, MemberMapRefused … */
  readonly openReading: () => Promise<Reading>
  /**
   * Does `work` with all that charging takes, as it is right now: waits for other runs, unless `onWait` throws. Throws
   * like the above.
   */
  readonly whileCharging: <Result>(
    asked: Asked,
    work: (charging: Charging) => Promise<Result>,
    onWait: OnWait,
  ) => Promise<Result>
  /** What there is to scrape, as it is right now. Throws StoreError, RollupError. */
  readonly measure: () => Promise<Omit<Measured, 'version'>>
  /** One entry for the store, one for the ticket server. Never throws. */
  readonly readiness: () => Promise<readonly Readiness[]>
}

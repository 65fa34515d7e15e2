/** What the routes ask of the rest of the program: a port, wired in commands/serve-command.ts. */
import type { LocalDay } from '@presences/shared'
import type { Log } from '../log.ts'
import type { Owners } from '../members/ownership.ts'
import type { ReadDeps, SettleDeps } from '../settle-day.ts'

/** What computing a day takes, as it is right now: the member map of this minute, all locations. */
export interface Reading {
  readonly deps: ReadDeps
  readonly owners: Owners
}

/** What charging takes, as it is right now. */
export interface Charging {
  readonly deps: SettleDeps
  readonly owners: Owners
}

/** A thing the service stands on, and whether it can be used: `fault` says why not. */
export interface Readiness {
  readonly name: string
  readonly fault?: string
}

export interface Service {
  readonly adminTokens: readonly string[]
  readonly corsOrigins: readonly string[]
  readonly log: Log
  readonly now: () => Date
  readonly today: () => LocalDay
  /** Throws StoreError, TicketsError or MemberMapRefused, as the two below do. */
  readonly openReading: () => Promise<Reading>
  /** Charging with adapters that read all and change nothing. */
  readonly openPreview: () => Promise<Charging>
  readonly openCharging: () => Promise<Charging>
  /** One entry for the store, one for the ticket server. Never throws. */
  readonly readiness: () => Promise<readonly Readiness[]>
}

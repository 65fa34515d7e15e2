/** What each failure means to the caller of a command, or of the HTTP service. */
import { ConfigError, ExitCode } from '@presences/shared'
import { BadPeriod } from './arguments/period.ts'
import { UsageError } from './arguments/usage-error.ts'
import { DayUnreadable } from './charging/read-day.ts'
import { AlreadyCharging, LeaseError } from './ledger/lease.ts'
import { LedgerError } from './ledger/ledger-codec.ts'
import { HistoryError } from './members/history-codec.ts'
import { MemberMapRefused } from './members/member-map.ts'
import { RollupError } from './rollup/rollup-codec.ts'
import { ClockError } from './store/clock-check.ts'
import { StoreError } from './store/store.ts'
import { TicketsError } from './tickets/tickets.ts'
import { WithdrawnError } from './withdrawal/withdrawn-codec.ts'

/** The exit code of a failure that ended a command. */
export function exitCodeOf(error: unknown): ExitCode {
  return isUsage(error) ? ExitCode.usage : ExitCode.unable
}

type FailureStatus = 400 | 409 | 500 | 502

/**
 * The HTTP status of a failure: 400 for what was asked, 409 for what has to wait, 502 for what lies behind us, 500 for a
 * fault of our own.
 */
function statusOf(error: unknown): FailureStatus {
  if (isUsage(error)) return 400
  if (error instanceof AlreadyCharging) return 409
  return isBehindUs(error) ? 502 : 500
}

/**
 * What a client of the HTTP service is told of a failure. A fault of our own is not for clients: `detail` has it,
 * for the log.
 */
export function failureOf(error: unknown): {
  status: FailureStatus
  message: string
  detail: string
} {
  const status = statusOf(error)
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error))
  if (status !== 500) return { status, message, detail: message }
  return { status, message: 'A fault of the service itself: see its log', detail: stack }
}

function isUsage(error: unknown): boolean {
  return error instanceof ConfigError || error instanceof UsageError || error instanceof BadPeriod
}

function isBehindUs(error: unknown): boolean {
  return [
    StoreError,
    TicketsError,
    MemberMapRefused,
    DayUnreadable,
    RollupError,
    LedgerError,
    LeaseError,
    ClockError,
    HistoryError,
    WithdrawnError,
  ].some((kind) => error instanceof kind)
}

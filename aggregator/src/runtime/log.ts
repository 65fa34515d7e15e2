/** Logs for people: one line each, on stderr. Systemd adds its own time to them. */
import { shortMacsIn, visibleFault } from '@presences/shared'
import { pino } from 'pino'
import pretty from 'pino-pretty'

/** The levels in use: `info` for what was done, `warn` for what somebody should look at, `error` for what failed. */
export interface Log {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

/** Where a log goes: `errors` is stderr; `env` tells whether the journal keeps it. */
export interface LogOutput {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly errors: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

/**
 * A log to stderr of what is as important as `level`, or more. Whatever it is told, a message is one line (a stack
 * below it), of what can be seen, without a whole MAC address.
 */
export function createLog(level: (typeof LOG_LEVELS)[number], { env, errors }: LogOutput): Log {
  const stream = pretty({
    destination: errors,
    sync: true,
    colorize: errors.isTTY === true,
    ignore: env.JOURNAL_STREAM ? 'pid,hostname,time' : 'pid,hostname',
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss',
  })
  const logger = pino({ level, base: null }, stream)
  return {
    debug: (message) => logger.debug(shown(message)),
    info: (message) => logger.info(shown(message)),
    warn: (message) => logger.warn(shown(message)),
    error: (message) => logger.error(shown(message)),
  }
}

function shown(message: string): string {
  return shortMacsIn(visibleFault(message))
}

/** Logs for people: one line each, on stderr. Systemd adds its own time to them. */
import { pino } from 'pino'
import pretty from 'pino-pretty'
import type { LocalConfig } from './config.ts'
import type { Effects } from './effects.ts'

/** The levels in use: `info` for what was done, `warn` for what somebody should look at, `error` for what failed. */
export interface Log {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** A log to stderr at the configured level. */
export function createLog(level: LocalConfig['LOG_LEVEL'], { env, errors }: Effects): Log {
  const stream = pretty({
    destination: errors,
    sync: true,
    colorize: errors.isTTY === true,
    ignore: env.JOURNAL_STREAM ? 'pid,hostname,time' : 'pid,hostname',
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss',
  })
  return pino({ level, base: null }, stream)
}

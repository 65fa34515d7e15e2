/** What every command begins with: its configuration, its log, today, and who asks. */
import { type LocalDay, loadEnvironment, localDayOf, parseConfig } from '@presences/shared'
import type { z } from 'zod'
import { type LocalConfig, SECRETS } from '../config.ts'
import type { Effects } from '../effects.ts'
import { createLog, type Log } from '../runtime/log.ts'

export interface Setup<Config> {
  readonly config: Config
  readonly log: Log
  readonly today: LocalDay
}

/** Reads and checks the configuration a command needs. Throws ConfigError naming every fault. */
export function setUp<Schema extends z.ZodType<LocalConfig>>(
  schema: Schema,
  effects: Effects,
): Setup<z.output<Schema>> {
  const config = parseConfig(schema, loadEnvironment(effects.env, SECRETS, effects.readText))
  return {
    config,
    log: createLog(config.LOG_LEVEL, effects),
    today: localDayOf(effects.now(), config.TIMEZONE),
  }
}

/** Who runs a command, for the ledger: `timer`, or the user and the machine. */
export function whoAsks({ env, hostName }: Effects): string {
  // Systemd gives each run of a unit an id.
  if (env.INVOCATION_ID) return `timer on ${hostName}`
  return `${env.SUDO_USER ?? env.USER ?? env.LOGNAME ?? 'someone'} on ${hostName}`
}

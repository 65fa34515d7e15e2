/** What shipping needs to know, from the environment. The spool alone is enough to keep it in order. */
import { ConfigError, type Environment, parseConfig, type ReadText } from '@presences/shared'
import * as z from 'zod/mini'
import { spoolVariables } from '../config.ts'

export interface SpoolConfig {
  readonly folder: string
  readonly maxBytes: number
  readonly timeZone: string
}

export interface BucketConfig {
  /** An rclone remote and its bucket, such as `bucket:my-bucket`. */
  readonly remote: string
  readonly configPath: string
  /** Bytes a second, such as `512K`. */
  readonly bandwidth: string | undefined
}

/** As the unit has it. */
export const DEFAULT_RCLONE_CONFIG = '/etc/presences/rclone.conf'

/** True for a remote's name, a colon, and something. */
export function isRemote(text: string): boolean {
  return /^[^:,/]+:./.test(text)
}

/** The spool. Throws ConfigError. */
export function parseSpoolConfig(environment: Environment): SpoolConfig {
  const env = parseConfig(z.object(spoolVariables()), environment)
  return {
    folder: env.PROBE_SPOOL,
    maxBytes: env.PROBE_SPOOL_MAX_MB * 1e6,
    timeZone: env.TIMEZONE,
  }
}

/** Those of the bucket. */
export function bucketVariables() {
  return z.object({
    PROBE_REMOTE: z
      .string(`is not set: ${REMOTE_EXAMPLE}`)
      .check(z.refine(isRemote, `is no remote and bucket: ${REMOTE_EXAMPLE}`)),
    PROBE_BANDWIDTH: z.optional(
      z.string().check(z.regex(/^\d+[KMG]$/, 'must be bytes a second, such as 512K')),
    ),
    RCLONE_CONFIG: z._default(z.string(), DEFAULT_RCLONE_CONFIG),
  })
}

/** Where to ship. Throws ConfigError, also when rclone's configuration can't be read. */
export function parseBucketConfig(environment: Environment, readText: ReadText): BucketConfig {
  const env = parseConfig(bucketVariables(), environment)
  checkReadable(env.RCLONE_CONFIG, readText)
  return {
    remote: env.PROBE_REMOTE,
    configPath: env.RCLONE_CONFIG,
    bandwidth: env.PROBE_BANDWIDTH,
  }
}

const REMOTE_EXAMPLE = 'name an rclone remote and its bucket, such as bucket:my-bucket'

function checkReadable(path: string, readText: ReadText): void {
  let fault = `RCLONE_CONFIG: there is no file ${path}`
  try {
    if (readText(path) !== undefined) return
  } catch (cause) {
    fault = `RCLONE_CONFIG: can't read ${path}: ${(cause as Error).message}`
  }
  throw new ConfigError([fault])
}

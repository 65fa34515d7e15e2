/** `ship`: puts shipping together from the configuration, and prints what came of it. */
import * as nodeFs from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { ConfigError, type Environment, ExitCode, loadEnvironment } from '@presences/shared'
import type { Machine, Screen } from '../machine.ts'
import { searchPathOf } from '../wiring.ts'
import { withShipLock } from './lock.ts'
import { rcloneMove } from './rclone.ts'
import { reportRun } from './report-run.ts'
import {
  type BucketConfig,
  parseBucketConfig,
  parseSpoolConfig,
  type SpoolConfig,
} from './ship-config.ts'
import { type ShipDeps, shipSpool } from './ship-spool.ts'

export interface ShipAsked {
  readonly isForced: boolean
  readonly begun: Date
  readonly stop: AbortSignal
}

/**
 * Ships once. Throws ConfigError; where only the bucket is not configured, after the spool was kept in order.
 */
export async function ship(asked: ShipAsked, machine: Machine, screen: Screen): Promise<ExitCode> {
  // Packing makes much garbage, little at a time: 12 MB less on a small machine, and no slower.
  setFlagsFromString('--semi-space-growth-factor=1')
  const environment = loadEnvironment(machine.env, [], machine.readText)
  const spool = parseSpoolConfig(environment)
  machine.useTimeZone?.(spool.timeZone)
  await checkFolder(spool)
  const bucket = bucketOf(environment, machine)
  const run = await withShipLock(spool.folder, searchPathOf(machine), (lock) =>
    shipSpool(asked.begun, shipDeps(spool, bucket, lock, asked, machine)),
  )
  if (run === 'taken') {
    screen.out('ship: another one is shipping: nothing to do\n')
    return ExitCode.done
  }
  const { remote, configPath } = bucket instanceof ConfigError ? UNKNOWN : bucket
  const report = reportRun(run, { remote, configPath, timeZone: spool.timeZone })
  for (const line of report.out) screen.out(line)
  for (const line of report.err) screen.err(line)
  if (bucket instanceof ConfigError) throw bucket
  return report.code
}

const UNKNOWN = { remote: '', configPath: '' }

function shipDeps(
  spool: SpoolConfig,
  bucket: BucketConfig | ConfigError,
  lock: number,
  { isForced, stop }: ShipAsked,
  machine: Machine,
): ShipDeps {
  const own = {
    folder: spool.folder,
    searchPath: searchPathOf(machine),
    home: machine.env.HOME,
    lock,
  }
  return {
    ...spool,
    fs: nodeFs,
    isForced,
    stop,
    elapsedMs: machine.elapsedMs,
    bucket:
      bucket instanceof ConfigError
        ? undefined
        : {
            configPath: bucket.configPath,
            move: (paths, timeoutMs) =>
              rcloneMove(paths, { timeoutMs, stop }, { ...own, ...bucket }),
          },
  }
}

/** Not made here: whoever ships by hand may be root, and the probe's user must own it. */
async function checkFolder({ folder }: SpoolConfig): Promise<void> {
  const stat = await nodeFs.stat(folder).catch(() => undefined)
  if (!stat?.isDirectory()) throw new ConfigError([`PROBE_SPOOL: there is no folder ${folder}`])
}

function bucketOf(environment: Environment, { readText }: Machine): BucketConfig | ConfigError {
  try {
    return parseBucketConfig(environment, readText)
  } catch (cause) {
    if (cause instanceof ConfigError) return cause
    throw cause
  }
}

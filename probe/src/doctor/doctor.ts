/**
 * The doctor's round: what works, what does not, what to do. It goes as far as it can: the system's
 * programs are checked even when the configuration is at fault, as if it had the default scanner.
 */
import { ConfigError, loadEnvironment } from '@presences/shared'
import type { Machine } from '../machine.ts'
import { clockOf, loadProbeConfig, scannersOf, searchPathOf } from '../wiring.ts'
import type { Check } from './check.ts'
import { checkClock } from './clock.ts'
import { checkConfiguration } from './configuration.ts'
import { checkNetworks } from './networks.ts'
import { checkRclone, checkScannerPrograms } from './programs.ts'
import { checkRemote } from './remote.ts'
import { checkSpool } from './spool-state.ts'

const PROGRAM_MS = 5_000
const SCAN_MS = 30_000

/** Checks everything a probe needs, as of `now`. */
export async function examineProbe(now: Date, machine: Machine): Promise<Check[]> {
  const programs = { searchPath: searchPathOf(machine), timeoutMs: PROGRAM_MS }
  const { checks: faults, config } = checkConfiguration(() => loadProbeConfig(machine))
  const checks = [...faults]
  checks.push(...(await checkScannerPrograms(config?.scanners ?? ['arp-scan'], programs)))
  checks.push(await checkRclone(programs))
  checks.push(...remoteChecks(machine))
  if (config) {
    checks.push(...(await checkNetworks(await scannersOf(config, machine, true), SCAN_MS)))
    checks.push(...(await checkSpool(config.spool, config.spoolMaxBytes, now)))
    checks.push(await checkClock(now, config.timeZone, clockOf(config, machine)))
  }
  return checks
}

function remoteChecks({ env, readText }: Machine): Check[] {
  try {
    return [checkRemote(loadEnvironment(env, [], readText), readText)]
  } catch (cause) {
    // A .env that can't be read: checkConfiguration has said so.
    if (cause instanceof ConfigError) return []
    throw cause
  }
}

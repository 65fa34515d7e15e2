/** What each command prints of its result, and the exit code it ends with. */
import * as nodeFs from 'node:fs/promises'
import { ExitCode } from '@presences/shared'
import type { Check } from './doctor/check.ts'
import type { Machine, Screen } from './machine.ts'
import { failedScan, isLastScan, lastScanOf } from './record/last-scan.ts'
import { type MinuteRecord, type RecordDeps, recordMinute } from './record/record-minute.ts'
import { type WatchDeps, watch } from './record/watch.ts'
import { runtimeFile } from './runtime/runtime-folder.ts'
import { clockOf, freeBytesAt, loadProbeConfig, recordDeps, runtimeFolderOf } from './wiring.ts'

/** `scan`: one minute file. Throws ConfigError, SpoolError. */
export async function scan(begun: Date, machine: Machine, screen: Screen): Promise<ExitCode> {
  const deps = await recordDeps(loadProbeConfig(machine), machine)
  const record = await recordAndRemember(begun, deps, machine)
  printRecord(record, screen)
  if (record.outcome === 'not-looking') return ExitCode.unable
  return record.problems.length > 0 ? ExitCode.partial : ExitCode.done
}

/** `watch`: minute files until `stop` is aborted. Throws ConfigError before the first scan. */
export async function watchMinutes(
  stop: AbortSignal,
  machine: Machine,
  effects: Screen & Pick<WatchDeps, 'now' | 'sleep'>,
): Promise<ExitCode> {
  const deps = await recordDeps(loadProbeConfig(machine), machine)
  await watch(stop, {
    now: effects.now,
    sleep: effects.sleep,
    record: async (begun) => printRecord(await recordAndRemember(begun, deps, machine), effects),
    log: (sentence) => effects.err(`${sentence}\n`),
  })
  return ExitCode.done
}

/** `status`: how the probe does, as text or JSON; nothing is scanned or changed. */
export async function showStatus(
  json: boolean,
  now: Date,
  machine: Machine,
  screen: Screen,
): Promise<ExitCode> {
  const [
    { statusChecks, statusJson },
    { readSpoolSummary },
    { lastRecorded },
    { checkConfiguration },
    { exitCodeOf, formatChecks },
  ] = await Promise.all([
    import('./doctor/status.ts'),
    import('./spool/summary.ts'),
    import('./spool/recorded-minutes.ts'),
    import('./doctor/configuration.ts'),
    import('./doctor/check.ts'),
  ])
  const { checks: faults, config } = checkConfiguration(() => loadProbeConfig(machine))
  if (!config) return printChecks(faults, json, machine, screen)
  const facts = {
    now,
    config,
    clock: clockOf(config, machine),
    lastScan: lastScanFile(machine).recall(),
    recorded: await lastRecorded(nodeFs, config.spool, now).catch(() => undefined),
    spool: await readSpoolSummary(nodeFs, config.spool).catch(() => undefined),
    freeBytes: await freeBytesAt(config.spool),
  }
  const checks = await statusChecks(facts)
  const title = `presences-probe ${machine.version}, ${config.location}, ${config.probe}\n`
  screen.out(
    json
      ? `${JSON.stringify(statusJson(facts, machine.version, checks), null, 2)}\n`
      : title + formatChecks(checks),
  )
  return exitCodeOf(checks)
}

/** `doctor`: every check, as text or JSON. */
export async function examine(
  json: boolean,
  now: Date,
  machine: Machine,
  screen: Screen,
): Promise<ExitCode> {
  const { examineProbe } = await import('./doctor/doctor.ts')
  return printChecks(await examineProbe(now, machine), json, machine, screen)
}

async function printChecks(
  checks: readonly Check[],
  json: boolean,
  { version }: Machine,
  { out }: Screen,
): Promise<ExitCode> {
  const { exitCodeOf, formatChecks, withPage } = await import('./doctor/check.ts')
  out(
    json
      ? `${JSON.stringify({ version, checks: checks.map(withPage) }, null, 2)}\n`
      : formatChecks(checks),
  )
  return exitCodeOf(checks)
}

/** Throws what `recordMinute` does. */
async function recordAndRemember(
  begun: Date,
  deps: RecordDeps,
  machine: Machine,
): Promise<MinuteRecord> {
  const file = lastScanFile(machine)
  try {
    const record = await recordMinute(begun, deps)
    file.remember(lastScanOf(begun, record))
    return record
  } catch (cause) {
    file.remember(failedScan(begun, cause as Error))
    throw cause
  }
}

function lastScanFile(machine: Machine) {
  return runtimeFile(runtimeFolderOf(machine), 'last-scan.json', isLastScan)
}

function printRecord(record: MinuteRecord, { out, err }: Screen): void {
  for (const problem of record.problems) err(`${problem}\n`)
  if (record.outcome === 'written') {
    out(`${record.path}\t${record.devices} ${record.devices === 1 ? 'device' : 'devices'}\n`)
  }
}

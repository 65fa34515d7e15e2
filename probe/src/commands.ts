/** What each command prints of its result, and the exit code it ends with. */
import { ExitCode } from '@presences/shared'
import { type MinuteRecord, recordMinute } from './record-minute.ts'
import { type WatchDeps, watch } from './watch.ts'
import { loadProbeConfig, type Machine, recordDeps } from './wire.ts'

export interface Screen {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

/** `scan`: one minute file. Throws ConfigError, SpoolError. */
export async function scan(begun: Date, machine: Machine, screen: Screen): Promise<ExitCode> {
  const record = await recordMinute(begun, await recordDeps(loadProbeConfig(machine), machine))
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
    record: async (begun) => printRecord(await recordMinute(begun, deps), effects),
    log: (sentence) => effects.err(`${sentence}\n`),
  })
  return ExitCode.done
}

/** `doctor`: every check, as text or JSON. */
export async function examine(
  json: boolean,
  now: Date,
  machine: Machine,
  screen: Screen,
): Promise<ExitCode> {
  const [{ examineProbe }, { exitCodeOf, formatChecks }] = await Promise.all([
    import('./doctor.ts'),
    import('./doctor/check.ts'),
  ])
  const checks = await examineProbe(now, machine)
  screen.out(
    json
      ? `${JSON.stringify({ version: machine.version, checks }, null, 2)}\n`
      : formatChecks(checks),
  )
  return exitCodeOf(checks)
}

function printRecord(record: MinuteRecord, { out, err }: Screen): void {
  for (const problem of record.problems) err(`${problem}\n`)
  if (record.outcome === 'written') {
    out(`${record.path}\t${record.devices} ${record.devices === 1 ? 'device' : 'devices'}\n`)
  }
}

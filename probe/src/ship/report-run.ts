/** A run of shipping in words: one line for what was shipped and why something was not. */
import { ExitCode, formatLocalTime, oneLine } from '@presences/shared'
import { explainFailure, UNKNOWN_PROBLEM } from './explain-failure.ts'
import type { ShipRun } from './ship-spool.ts'

export interface RunReport {
  readonly code: ExitCode
  /** Lines for standard output. */
  readonly out: readonly string[]
  /** Lines for standard error. */
  readonly err: readonly string[]
}

/** What is said of a run, and its exit code. */
export function reportRun(
  run: ShipRun,
  { remote, configPath, timeZone }: { remote: string; configPath: string; timeZone: string },
): RunReport {
  const out: string[] = []
  const err = [...run.problems]
  if (run.packed > 0) out.push(`minute files packed, having waited for days: ${run.packed}`)
  if (run.backOff) {
    const { failures, until } = run.backOff
    const clock = formatLocalTime(until, timeZone).slice(11, 16)
    const times = failures === 1 ? 'the last try' : `the last ${failures} tries`
    out.push(
      `${run.waiting} wait: ${times} failed, the next is after ${clock} (ship --now doesn't wait)`,
    )
  }
  const result = `${run.shipped} of ${run.waiting} shipped`
  if (run.reasons.length > 0) {
    const reasons = explained(run.reasons, configPath).join('; ')
    err.push(`${result}. Can't write to ${remote}: ${reasons}${strangersOf(run)}`)
  } else if (run.shipped > 0) {
    out.push(`${result}${strangersOf(run)}`)
  }
  return { code: codeOf(run), out: out.map(line), err: err.map(line) }
}

function codeOf({ shipped, reasons, problems }: ShipRun): ExitCode {
  if (reasons.length > 0 && shipped === 0) return ExitCode.unable
  return reasons.length + problems.length > 0 ? ExitCode.partial : ExitCode.done
}

/** Reasons that mean the same are told once. */
function explained(reasons: readonly string[], configPath: string): string[] {
  const told = new Map<string, string>()
  for (const reason of reasons) {
    const { problem, advice } = explainFailure(reason, configPath)
    const meaning = problem === UNKNOWN_PROBLEM ? reason : problem
    if (!told.has(meaning)) told.set(meaning, `${problem} (${reason}). To do: ${advice}`)
  }
  return [...told.values()]
}

function strangersOf({ strangers }: ShipRun): string {
  const [first] = strangers
  if (first === undefined) return ''
  // Anybody may have named it.
  return `; left alone, being no minute files: ${strangers.length}, such as ${oneLine(first, NAME_LENGTH)}`
}

const NAME_LENGTH = 200

function line(text: string): string {
  return `ship: ${text}\n`
}

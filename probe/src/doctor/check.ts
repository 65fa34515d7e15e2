/** One line of the doctor's report, and what all of them together mean. */
import { ExitCode } from '@presences/shared'

export interface Check {
  readonly subject: string
  readonly state: 'works' | 'degraded' | 'misconfigured' | 'fails'
  readonly finding: string
  /** What to do; absent when it works. */
  readonly advice?: string
}

/** The exit code of a report: a wrong configuration first, since other faults may follow from it. */
export function exitCodeOf(checks: readonly Check[]): ExitCode {
  const has = (state: Check['state']) => checks.some((check) => check.state === state)
  if (has('misconfigured')) return ExitCode.usage
  if (has('fails')) return ExitCode.unable
  return has('degraded') ? ExitCode.partial : ExitCode.done
}

/** The report for people: one line a check, and the advice below it. */
export function formatChecks(checks: readonly Check[]): string {
  return checks.map(formatCheck).join('')
}

const MARKS: Record<Check['state'], string> = {
  works: 'works   ',
  degraded: 'degraded',
  misconfigured: 'FAILS   ',
  fails: 'FAILS   ',
}

function formatCheck({ subject, state, finding, advice }: Check): string {
  const line = `${MARKS[state]}  ${subject}: ${finding}\n`
  return advice === undefined ? line : `${line}          to do: ${advice}\n`
}

/** One line of the doctor's report, and what all of them together mean. */
import { ExitCode, visibleLine } from '@presences/shared'
import { pageOf, type Subject } from './page.ts'

export interface Check {
  readonly subject: Subject
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

/** A check for programs: with the page that explains it, unless it works. */
export function withPage(check: Check): Check & { readonly page?: string } {
  return check.state === 'works' ? check : { ...check, page: pageOf(check.subject) }
}

/** The report for people: one line a check; below what does not work what to do, and the page that explains it. */
export function formatChecks(checks: readonly Check[]): string {
  return checks.map(formatCheck).join('')
}

const MARKS: Record<Check['state'], string> = {
  works: 'works   ',
  degraded: 'degraded',
  misconfigured: 'FAILS   ',
  fails: 'FAILS   ',
}

function formatCheck(check: Check): string {
  const { subject, state, finding, advice } = check
  const { page } = withPage(check)
  return [
    `${MARKS[state]}  ${subject}: ${visibleLine(finding)}\n`,
    ...(advice === undefined ? [] : [`          to do: ${visibleLine(advice)}\n`]),
    ...(page === undefined ? [] : [`          page: ${page}\n`]),
  ].join('')
}

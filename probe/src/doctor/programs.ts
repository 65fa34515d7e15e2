/** Are the system's programs there: arp-scan, without which nothing is seen, and rclone, which ships. */
import { type ProgramLimits, runProgram } from '../run-program.ts'
import type { Check } from './check.ts'

/** Checks the program behind a scanner. */
export function checkArpScan(limits: ProgramLimits): Promise<Check> {
  return checkProgram('arp-scan', '--version', 'fails', limits)
}

/** Checks the program that ships. Without it minutes are recorded, and wait. */
export function checkRclone(limits: ProgramLimits): Promise<Check> {
  return checkProgram('rclone', 'version', 'degraded', limits)
}

async function checkProgram(
  program: string,
  versionArgument: string,
  whenAbsent: 'fails' | 'degraded',
  limits: ProgramLimits,
): Promise<Check> {
  const run = await runProgram(program, [versionArgument], limits)
  if (run.end === 'exited' && run.code === 0) {
    // arp-scan tells its version on standard error.
    const [firstLine = ''] = `${run.stdout}${run.stderr}`.trimStart().split('\n')
    return { subject: program, state: 'works', finding: firstLine }
  }
  const finding = run.end === 'missing' ? 'it is not installed' : `it does not run (${run.end})`
  return { subject: program, state: whenAbsent, finding, advice: `sudo apt install ${program}` }
}

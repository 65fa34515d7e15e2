/** Are the system's programs there: those that scanners run, and rclone, which ships. */
import { oneLine } from '@presences/shared'
import type { ScannerName } from '../config.ts'
import { type ProgramLimits, type ProgramRun, runProgram } from '../runtime/run-program.ts'
import type { Check } from './check.ts'
import type { ProgramName } from './page.ts'

/** A program, how it is asked for its version, and Debian's package of it. */
interface Program {
  readonly name: ProgramName
  readonly version: string
  readonly package: string
}

const PROGRAMS: Readonly<Record<ScannerName, readonly Program[]>> = {
  'arp-scan': [{ name: 'arp-scan', version: '--version', package: 'arp-scan' }],
  nmap: [{ name: 'nmap', version: '--version', package: 'nmap' }],
  neighbours: [
    { name: 'ip', version: '-V', package: 'iproute2' },
    { name: 'ping', version: '-V', package: 'iputils-ping' },
  ],
  unifi: [],
}

/** Checks the programs behind the scanners. Where others go on looking, one that is absent is no end. */
export async function checkScannerPrograms(
  scanners: readonly ScannerName[],
  limits: ProgramLimits,
): Promise<Check[]> {
  const whenAbsent = scanners.length === 1 ? 'fails' : 'degraded'
  const programs = scanners.flatMap((scanner) => PROGRAMS[scanner])
  return Promise.all(programs.map((program) => checkProgram(program, whenAbsent, limits)))
}

/** Checks the program that ships. Without it minutes are recorded, and wait. */
export function checkRclone(limits: ProgramLimits): Promise<Check> {
  return checkProgram({ name: 'rclone', version: 'version', package: 'rclone' }, 'degraded', limits)
}

async function checkProgram(
  program: Program,
  whenAbsent: 'fails' | 'degraded',
  limits: ProgramLimits,
): Promise<Check> {
  const run = await runProgram(program.name, [program.version], limits)
  if (run.end === 'exited' && run.code === 0) {
    // arp-scan tells its version on standard error.
    const [firstLine = ''] = `${run.stdout}${run.stderr}`.trimStart().split('\n')
    return { subject: program.name, state: 'works', finding: oneLine(firstLine, LINE_LENGTH) }
  }
  const isMissing = run.end === 'missing'
  const finding = isMissing ? 'it is not installed' : `it does not run (${endOf(run)})`
  const advice = `sudo apt install ${isMissing ? '' : '--reinstall '}${program.package}`
  return { subject: program.name, state: whenAbsent, finding, advice }
}

const LINE_LENGTH = 200

function endOf(run: ProgramRun): string {
  if (run.end === 'failed') return run.reason
  return run.end === 'exited' ? `status ${run.code}` : run.end
}

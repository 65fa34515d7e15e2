/**
 * What real scanners printed, for tests and demonstrations: testdata/<scanner>/<case>. arp-scan 1.10,
 * nmap 7.93 and iproute2 6.1, each on a LAN of network namespaces (infra/lan) in the state its case names.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface RecordedRun {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

export const TESTDATA = join(import.meta.dirname, '../src/scan/testdata')

/** Reads one recorded run. */
export function recorded(scanner: string, name: string): RecordedRun {
  const read = (part: string) => readFileSync(join(TESTDATA, scanner, name, part), 'utf8')
  return { stdout: read('stdout'), stderr: read('stderr'), code: Number(read('status')) }
}

/** Reads one recorded run of arp-scan. */
export function recordedArpScan(name: string): RecordedRun {
  return recorded('arp-scan', name)
}

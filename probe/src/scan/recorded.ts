/** What the real arp-scan 1.10 printed, for tests and demonstrations: testdata/arp-scan/<case>. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface RecordedRun {
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/** Reads one recorded run. */
export function recordedArpScan(name: string): RecordedRun {
  const read = (part: string) =>
    readFileSync(join(import.meta.dirname, 'testdata/arp-scan', name, part), 'utf8')
  return { stdout: read('stdout'), stderr: read('stderr'), code: Number(read('status')) }
}

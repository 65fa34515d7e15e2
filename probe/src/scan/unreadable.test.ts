import { expect, test } from 'vitest'
import { parseArpScan } from './arp-scan/arp-scan-output.ts'
import { parseNeighbours } from './neighbours/neighbour-table.ts'
import { parseNmap } from './nmap/nmap-output.ts'
import { metaOf, problemsOf } from './scan-report.ts'
import { readClients } from './unifi/unifi-answers.ts'
import { countUnreadable, FAULTS_KEPT, type Unreadable } from './unreadable.ts'

/** Outputs of nothing but so many faults. */
const READERS: Readonly<Record<string, (faults: number) => Unreadable>> = {
  'arp-scan': (faults) => parseArpScan('\n'.repeat(faults)),
  nmap: (faults) => parseNmap('<'.repeat(faults)),
  neighbours: (faults) => parseNeighbours(JSON.stringify(Array(faults).fill(0))),
  unifi: (faults) => {
    const body = JSON.stringify({ meta: { rc: 'ok' }, data: Array(faults).fill(0) })
    const read = readClients({ status: 200, body, date: 'Sun, 22 Nov 2026 07:12:04 GMT' }, 's', [])
    if ('failure' in read) throw new Error(read.failure.reason)
    return read
  },
}

test.each(
  Object.entries(READERS).flatMap(([name, read]) =>
    [FAULTS_KEPT, FAULTS_KEPT + 1, 50_000].map((faults) => [name, faults, read] as const),
  ),
)('%s: of %i faults the first are kept, all are counted', (_, faults, read) => {
  const seen = read(faults)
  expect(seen.unreadable).toHaveLength(FAULTS_KEPT)
  expect(seen.moreUnreadable).toBe(faults > FAULTS_KEPT ? faults - FAULTS_KEPT : undefined)
  expect(countUnreadable(seen)).toBe(faults)
  expect(seen.unreadable[0]?.line).toBe(1)
})

test('the log and the # line tell of all of them', () => {
  const look = { network: 'eth0', ...parseArpScan('\n'.repeat(50_000)) }
  const seen = [{ scanner: 'arp-scan', looks: [look] }]
  expect(problemsOf(seen)).toEqual([
    expect.stringMatching(/^Can't read 50000 of the scanner's lines on eth0, line 1 first: /),
  ])
  expect(metaOf(seen, 1, undefined).unreadable).toBe('50000')
})

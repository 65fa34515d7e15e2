import { expect, test } from 'vitest'
import { isLastScan, type LastScan } from '../record/last-scan.ts'
import { checkLastScan } from './last-scan-state.ts'

const BEGUN = '2026-11-22T07:12:04.000Z'
const WRITTEN: LastScan = { begun: BEGUN, outcome: 'written', devices: 1, problems: [] }

function after(seconds: number, last: LastScan = WRITTEN) {
  const { state, finding, advice } = checkLastScan(
    last,
    undefined,
    new Date(Date.parse(BEGUN) + seconds * 1000),
  )
  return [state, finding, advice]
}

test.each([
  [0, 'works', '0 s ago (2026-11-22T07:12:04Z), 1 device'],
  [119, 'works', '119 s ago (2026-11-22T07:12:04Z), 1 device'],
  [180, 'works', '3 min ago (2026-11-22T07:12:04Z), 1 device'],
  [181, 'fails', '3 min ago (2026-11-22T07:12:04Z)'],
  [7200, 'fails', '2 h ago (2026-11-22T07:12:04Z)'],
])('%d s after a scan it %s', (seconds, state, finding) => {
  expect(after(seconds).slice(0, 2)).toEqual([state, finding])
})

test.each([
  [{ ...WRITTEN, problems: ['Pull the plug'] }, 'degraded', 'Pull the plug'],
  [
    { ...WRITTEN, outcome: 'already-there', devices: 2 },
    'degraded',
    'systemctl status presences-scan.timer presences-scan.service',
  ],
  [{ begun: BEGUN, outcome: 'not-looking', problems: ['No cable'] }, 'fails', 'No cable'],
  [{ begun: BEGUN, outcome: 'failed', problems: ['Disk full'] }, 'fails', 'Disk full'],
] as const)('%j', (last, state, advice) => {
  const [is, , says] = after(10, last)
  expect([is, says]).toEqual([state, advice])
})

test.each([
  [0, 'works', 'a minute was last recorded 0 s ago (2026-11-22T07:12:04Z)'],
  [180, 'works', 'a minute was last recorded 3 min ago (2026-11-22T07:12:04Z)'],
  [181, 'fails', 'a minute was last recorded 3 min ago (2026-11-22T07:12:04Z)'],
])('%d s after a minute that watch recorded it %s', (seconds, state, finding) => {
  const now = new Date(Date.parse(BEGUN) + seconds * 1000)
  const check = checkLastScan(undefined, new Date(BEGUN), now)
  expect([check.state, check.finding]).toEqual([state, finding])
  expect(check.advice?.includes('presences-probe watch')).toBe(state === 'fails' || undefined)
})

test('what a scan remembers goes before what the spool tells', () => {
  const last: LastScan = { begun: BEGUN, outcome: 'not-looking', problems: ['No cable'] }
  const { advice } = checkLastScan(last, new Date(BEGUN), new Date(BEGUN))
  expect(advice).toBe('No cable')
})

test.each([
  [WRITTEN, true],
  [{ begun: BEGUN, outcome: 'failed', problems: [] }, true],
  [{ ...WRITTEN, begun: 'yesterday' }, false],
  [{ ...WRITTEN, devices: '1' }, false],
  [{ ...WRITTEN, problems: [1] }, false],
  [{ ...WRITTEN, problems: undefined }, false],
  [null, false],
])('%j is read back: %s', (value, isOne) => {
  expect(isLastScan(value)).toBe(isOne)
})

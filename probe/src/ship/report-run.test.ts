import { expect, test } from 'vitest'
import { reportRun } from './report-run.ts'
import type { ShipRun } from './ship-spool.ts'

const WHERE = { remote: 'b:c', configPath: '/c', timeZone: 'Europe/Paris' }
const DENIED = 'AccessDenied: Access Denied status code: 403'
const NOTHING = { shipped: 0, waiting: 0, packed: 0, reasons: [], problems: [], strangers: [] }

const report = (run: Partial<ShipRun>) => reportRun({ ...NOTHING, ...run }, WHERE)

test.each<[string, Partial<ShipRun>, number]>([
  ['nothing waited', {}, 0],
  ['all was shipped', { shipped: 2, waiting: 2 }, 0],
  ['some was refused', { shipped: 1, waiting: 2, reasons: [DENIED] }, 1],
  ['all was refused', { waiting: 2, reasons: [DENIED] }, 3],
  ['the disk had something', { shipped: 2, waiting: 2, problems: ['A bad spot'] }, 1],
  ['the disk had something, and nothing waited', { problems: ['A bad spot'] }, 1],
  ['it was not tried', { waiting: 2, backOff: { failures: 1, until: new Date() } }, 0],
])('%s: ends with %3$i', (_, run, code) => {
  expect(report(run).code).toBe(code)
})

test.each([
  [1, 'the last try'],
  [5, 'the last 5 tries'],
])('what %i failures hold up is told with the time of the room', (failures, tries) => {
  const until = new Date('2026-11-22T07:12:50Z')
  expect(report({ waiting: 2, backOff: { failures, until } }).out).toEqual([
    `ship: 2 wait: ${tries} failed, the next is after 08:12 (ship --now doesn't wait)\n`,
  ])
})

test('reasons that mean the same are told once, others each', () => {
  const reasons = [DENIED, `${DENIED} twice`, 'Strange', 'Stranger']
  const { out, err } = report({ shipped: 1, waiting: 5, reasons })
  expect(out).toEqual([])
  expect(err.join('').match(/To do: /g)).toHaveLength(3)
})

test('a strange name in the spool makes no line of its own and shows no whole MAC', () => {
  const strangers = ['room/new\nline AA:BB:CC:DD:EE:FF']
  expect(report({ shipped: 1, waiting: 1, strangers }).out).toEqual([
    'ship: 1 of 1 shipped; left alone, being no minute files: 1, such as room/new line AA:BB:…:FF\n',
  ])
})

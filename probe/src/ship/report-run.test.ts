import { expect, test } from 'vitest'
import { reportRun } from './report-run.ts'

test('a strange name in the spool makes no line of its own and shows no whole MAC', () => {
  const run = { shipped: 1, waiting: 1, packed: 0, reasons: [], problems: [] }
  const strangers = ['room/new\nline AA:BB:CC:DD:EE:FF']
  const where = { remote: 'b:c', configPath: '/c', timeZone: 'Europe/Paris' }
  expect(reportRun({ ...run, strangers }, where).out).toEqual([
    'ship: 1 of 1 shipped; left alone, being no minute files: 1, such as room/new line AA:BB:…:FF\n',
  ])
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { explainFailure } from './explain-failure.ts'
import { readRcloneLog } from './rclone-log.ts'

/** What rclone 1.60.1 printed for two files, against servers that fail so. */
const RECORDED: Readonly<Record<string, readonly [problem: RegExp, isForAll: boolean]>> = {
  'access-denied': [/key may not write/, false],
  'broken-config': [/configuration can't be read/, true],
  'clock-skew': [/clock of this box/, true],
  dropped: [/connection broke/, true],
  hang: [/does not answer/, true],
  'html-503': [/can do no more/, true],
  'no-bucket': [/no such bucket/, true],
  'no-dns-server': [/\(DNS\)/, true],
  'no-section': [/remote that rclone does not know/, true],
  'no-such-host': [/\(DNS\)/, true],
  'no-tls': [/certificate/, true],
  'one-denied': [/key may not write/, false],
  quota: [/bucket is full/, true],
  refused: [/takes no connections/, true],
  'self-signed': [/certificate/, true],
  'sign-in-page': [/something else than the bucket/, true],
  'slow-down': [/can do no more/, true],
  'unknown-key': [/does not know the key/, true],
  unreachable: [/no network/, true],
  'wrong-secret': [/secret is wrong/, true],
}
const FOLDER = join(import.meta.dirname, 'testdata')
const recorded = (name: string) => readRcloneLog(readFileSync(join(FOLDER, `${name}.log`), 'utf8'))

test('each recording is explained here', () => {
  const names = readdirSync(FOLDER).map((name) => name.replace(/\.log$/, ''))
  expect(new Set([...Object.keys(RECORDED), 'shipped'])).toEqual(new Set(names))
})

test.each(Object.entries(RECORDED))('%s', (name, [problem, isForAll]) => {
  const { shipped, reasons } = recorded(name)
  expect(shipped).toBe(name === 'one-denied' ? 1 : 0)
  // Two files, one reason, in one line, without their names.
  expect(reasons).toHaveLength(1)
  expect(reasons[0]).not.toMatch(/\.tsv|\n|request id/)
  const failure = explainFailure(reasons[0] ?? '', '/etc/presences/rclone.conf')
  expect(failure).toMatchObject({ problem: expect.stringMatching(problem), isForAll })
  expect(failure.advice).not.toBe('')
  expect(failure.advice).not.toContain('RCLONE_CONFIG')
})

test("a line of rclone's configuration is not quoted: it may be the key", () => {
  expect(JSON.stringify(recorded('broken-config'))).not.toContain('TOPSECRET')
})

test('what was shipped is counted', () => {
  expect(recorded('shipped')).toEqual({ shipped: 2, reasons: [] })
})

test.each([
  ['rclone is not installed', /it takes rclone/, true],
  ['rclone could not be started: spawn rclone EACCES', /can't be started/, true],
  ['rclone was ended before it was done', /the run was cut short/, true],
  ['rclone was killed (SIGKILL)', /something ended rclone/, false],
  ['rclone did not end within 300 s', /does not come to an end/, true],
  ['dial tcp 10.0.0.1:443: i/o timeout', /does not answer/, true],
  ['corrupted on transfer: md5 hash differ "a" vs "b"', /answered for other bytes/, false],
  ['what nobody has seen before', /^rclone failed$/, false],
])('%s', (reason, problem, isForAll) => {
  const failure = explainFailure(reason, '/x')
  expect(failure).toMatchObject({ problem: expect.stringMatching(problem), isForAll })
})

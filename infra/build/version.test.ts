import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { missingOf, titleOf } from '../lan/requirements.ts'
import { formatVersion, secondsOf, treeVersion } from './version.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const HASH = 'abc1234def5678901234567890123456789abcde'
const commit = { seconds: Date.parse('2030-11-22T18:30:00Z') / 1000, hash: HASH, isDirty: false }

test('names the commit by its time in UTC and its hash', () => {
  expect(formatVersion('1.0.0', commit)).toBe('1.0.0+git20301122.183000.abc1234')
  expect(formatVersion('1.0.0', { ...commit, isDirty: true })).toBe(
    '1.0.0+git20301122.183000.abc1234.dirty',
  )
})

test('the time can be read back', () => {
  const seconds = fc.integer({ min: 0, max: 253_402_300_799 })
  const property = fc.property(seconds, fc.boolean(), (time, isDirty) => {
    expect(secondsOf(formatVersion('1.0.0', { seconds: time, hash: HASH, isDirty }))).toBe(time)
  })
  fc.assert(property)
  expect(secondsOf('1.0.0')).toBeUndefined()
})

const noDpkg = missingOf({ programs: ['dpkg'] })
test.skipIf(noDpkg).each([
  ['a bare version', '1.0.0', 'any of a commit', formatVersion('1.0.0', { ...commit, seconds: 0 })],
  [
    'a commit',
    formatVersion('1.0.0', { ...commit, hash: 'f'.repeat(40) }),
    'one a second later',
    formatVersion('1.0.0', { ...commit, seconds: commit.seconds + 1, hash: '0'.repeat(40) }),
  ],
  [
    'a commit',
    formatVersion('1.0.0', commit),
    'what was changed after it',
    formatVersion('1.0.0', { ...commit, isDirty: true }),
  ],
  [
    'what was changed after it',
    formatVersion('1.0.0', { ...commit, isDirty: true }),
    'the next commit',
    formatVersion('1.0.0', { ...commit, seconds: commit.seconds + 60 }),
  ],
  ['a commit', formatVersion('1.0.0', commit), 'a new version', '1.0.1'],
])(titleOf('for dpkg %s (%s) is lower than %s (%s)', noDpkg), (_, lower, __, higher) => {
  execFileSync('dpkg', ['--validate-version', lower])
  execFileSync('dpkg', ['--compare-versions', lower, 'lt', higher])
})

test.each(['probe', 'aggregator'])('the %s says the version it was built with', async (part) => {
  const built = await mkdtemp(join(tmpdir(), 'presences-built-'))
  const { scripts } = JSON.parse(await readFile(join(ROOT, part, 'package.json'), 'utf8'))
  const build = scripts.build.replaceAll('dist/', `${built}/`)
  const said = (version?: string) => {
    const env = { PATH: `${ROOT}node_modules/.bin:${process.env.PATH}`, BUILD_VERSION: version }
    execFileSync('sh', ['-c', build], { cwd: join(ROOT, part), env })
    return execFileSync(process.execPath, [join(built, `presences-${part}.js`), '--version'], {
      encoding: 'utf8',
    })
  }
  const version = formatVersion('1.0.0', commit)
  expect(said(version)).toBe(`${version}\n`)
  expect(said()).toBe('1.0.0\n')
  await rm(built, { recursive: true })
})

describe('the version of a tree', () => {
  let root: string
  const said: string[] = []
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'presences-version-'))
    await writeFile(join(root, 'package.json'), '{"version":"1.0.0"}')
    said.length = 0
  })
  afterEach(() => rm(root, { recursive: true }))

  test('is that of its commit, and says what is in none', async () => {
    await commitAll()
    const clean = await treeVersion(root, say)
    expect(clean).toMatch(/^1\.0\.0\+git20301122\.183000\.[0-9a-f]{7}$/)
    await writeFile(join(root, 'new.txt'), 'nobody added it')
    expect(await treeVersion(root, say)).toBe(`${clean}.dirty`)
    await commitAll()
    await writeFile(join(root, 'new.txt'), 'changed')
    expect(await treeVersion(root, say)).toMatch(/[0-9a-f]{7}\.dirty$/)
    expect(said).toEqual([])
  })

  test('without git is the bare one, and says why', async () => {
    expect(await treeVersion(root, say)).toBe('1.0.0')
    expect(said).toEqual([expect.stringContaining('without a commit: fatal: not a git repository')])
  })

  test("in somebody else's repository is not of that one's commit", async () => {
    await commitAll()
    const inner = join(root, 'unpacked')
    await mkdir(inner)
    await writeFile(join(inner, 'package.json'), '{"version":"1.0.0"}')
    expect(await treeVersion(inner, say)).toBe('1.0.0')
    expect(said).toEqual([expect.stringContaining('no repository of its own')])
  })

  function say(line: string): void {
    said.push(line)
  }

  async function commitAll(): Promise<void> {
    // Whoever lives east of UTC has the same version.
    const date = '2030-11-22T20:30:00+02:00'
    // Written long before: what a rebase moves is as old as its move.
    const written = '2029-01-01T00:00:00Z'
    const env = { PATH: process.env.PATH, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: written }
    const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org']
    for (const words of [
      ['init', '-q'],
      ['add', '-A'],
      [...who, 'commit', '-q', '-m', 'test'],
    ])
      execFileSync('git', words, { cwd: root, env })
  }
})

/** What removing and purging the packages takes away, and what stays: their scripts, on folders of the test's own. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const NAME = '20261122T0712Z-box.tsv'
const TEMPORARY = `.${NAME}.4711-86400-1.tmp`
const RECORDS = '.recorded-poulailler-2026-11-22'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'purge-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Purges with these files in the spool; gives what was said, and whether the spool is still there. */
function purge(files: Readonly<Record<string, string>>) {
  const spool = join(folder, 'spool')
  for (const [path, text] of Object.entries({ '.ship.lock': '', ...files })) {
    mkdirSync(dirname(join(spool, path)), { recursive: true })
    writeFileSync(join(spool, path), text)
  }
  return { said: postrm('probe', 'purge'), isKept: existsSync(spool) }
}

/** Runs a package's script as dpkg does; gives what it said. */
function postrm(part: 'probe' | 'aggregator', action: 'remove' | 'purge'): string {
  const path = join(import.meta.dirname, `debian/presences-${part}.postrm`)
  const script = readFileSync(path, 'utf8')
    .replaceAll('/var/spool/presences', join(folder, 'spool'))
    .replaceAll('/etc/presences', join(folder, 'etc'))
    .replaceAll('/var/log/presences', join(folder, 'log'))
  const { status, stderr } = spawnSync('sh', ['-c', script, 'postrm', action], { encoding: 'utf8' })
  expect(status).toBe(0)
  return stderr.replaceAll(folder, '')
}

const kept = (files: number) => ({
  said: `presences-probe: kept /spool: it holds minutes that were never shipped (files: ${files}). To ship them: install presences-probe again. To lose them: rm -r /spool\n`,
  isKept: true,
})
const GONE = { said: '', isKept: false }

test.each([
  ['nothing waits', {}, GONE],
  ['a minute', { [`poulailler/2026-11-22/${NAME}`]: '' }, kept(1)],
  ['a pack', { '.packed-poulailler-2026-11-22-open-20261122T0712Z-1.gz': '' }, kept(1)],
  ['a scan that was killed before it had its minute', { [TEMPORARY]: '' }, GONE],
  [
    'one that was killed when another had it',
    { [TEMPORARY]: '', [RECORDS]: `${NAME} 4712-86400-1\n` },
    GONE,
  ],
  [
    'one that was killed before it named its minute',
    { [TEMPORARY]: '', [RECORDS]: `${NAME} 4711-86400-1\n` },
    kept(1),
  ],
  [
    'an unpacking that was killed',
    { [`.${NAME}.unpacked.tmp`]: '', [RECORDS]: `${NAME} 4711-86400-1\n` },
    GONE,
  ],
])('%s', (_, files, purged) => {
  expect(purge(files)).toEqual(purged)
})

const OF_PROBE = ['etc/probe.env', 'etc/rclone.conf']
const OF_AGGREGATOR = ['etc/aggregator.env', 'log/2026-11-22']

/** Puts these files there, and gives those of them that are left after `work`. */
function leftOf(paths: readonly string[], work: () => void): string[] {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), 'filled in')
  }
  work()
  return paths.filter((path) => existsSync(join(folder, path)))
}

test.each([
  ['probe', OF_PROBE],
  ['aggregator', OF_AGGREGATOR],
] as const)(
  '%s: settings, keys and logs stay when it is removed, and go when it is purged',
  (part, own) => {
    expect(leftOf(own, () => expect(postrm(part, 'remove')).toBe(''))).toEqual(own)
    expect(leftOf(own, () => expect(postrm(part, 'purge')).toBe(''))).toEqual([])
    expect([existsSync(join(folder, 'etc')), existsSync(join(folder, 'log'))]).toEqual([
      false,
      false,
    ])
    expect(existsSync(folder)).toBe(true)
    // Nothing there: as when it is purged after that.
    expect(postrm(part, 'purge')).toBe('')
  },
)

test.each([
  ['probe', OF_AGGREGATOR],
  ['aggregator', OF_PROBE],
] as const)('%s: what belongs to the other package stays', (part, others) => {
  const all = [...OF_PROBE, ...OF_AGGREGATOR, 'etc/unifi-password']
  expect(leftOf(all, () => postrm(part, 'purge'))).toEqual([...others, 'etc/unifi-password'])
})

test('a spool stays when the package is removed, whatever is in it', () => {
  const paths = ['spool/.ship.lock', `spool/${TEMPORARY}`]
  expect(leftOf(paths, () => postrm('probe', 'remove'))).toEqual(paths)
})

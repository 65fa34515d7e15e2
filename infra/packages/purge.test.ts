/** What purging the probe's package does with a spool: its script, on folders of the test's own. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const SCRIPT = readFileSync(join(import.meta.dirname, 'debian/presences-probe.postrm'), 'utf8')
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
  const script = SCRIPT.replaceAll('/var/spool/presences', spool).replaceAll(
    '/etc/presences',
    join(folder, 'etc'),
  )
  const { status, stderr } = spawnSync('sh', ['-c', script, 'postrm', 'purge'], {
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  return { said: stderr.replaceAll(folder, ''), isKept: existsSync(spool) }
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

/** The command `ship`, with a stand-in for rclone that takes what is named to it. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Box, makeBox } from '../../testing/box.ts'
import { withShipLock } from './lock.ts'

const MINUTE = 'poulailler/2026-11-22/20261122T0711Z-box.tsv'

let box: Box
let spool: string
beforeEach(() => {
  box = makeBox()
  spool = join(box.folder, 'spool')
  wait(MINUTE)
  takes()
})
afterEach(() => box.remove())

function wait(path: string): void {
  mkdirSync(dirname(join(spool, path)), { recursive: true })
  writeFileSync(join(spool, path), path)
  utimesSync(join(spool, path), 1, 1)
  utimesSync(dirname(join(spool, path)), 1, 1)
}

/** An rclone to which each file can be given. */
function takes(): void {
  box.program(
    'rclone',
    `printf '%s\n' "$@" >${box.folder}/arguments; env >${box.folder}/environment
     while read -r path; do rm "$2/$path"; echo "INFO  : $path: Deleted"; done`,
  )
}

/** And one to which none can. */
function refuses(): void {
  box.program('rclone', `echo "ERROR : x.tsv: Failed to copy: connection refused"; exit 1`)
}

const ship = (
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  stop = new AbortController().signal,
) =>
  box.command(
    ['ship', ...words],
    { PROBE_REMOTE: 'bucket:minutes', RCLONE_CONFIG: '/rclone.conf', ...env },
    {
      readText: (path) => (path === '/rclone.conf' ? '[bucket]' : undefined),
      now: () => new Date('2026-11-22T07:12:04Z'),
      stopSignal: () => stop,
    },
  )
const said = (name: string) => readFileSync(join(box.folder, name), 'utf8').trim().split('\n')

test('what waits is shipped, and rclone is told what the settings say, and no more', async () => {
  const env = { PROBE_BANDWIDTH: '512K', HOME: '/home/me', AWS_PROFILE: 'mine' }
  expect(await ship([], env)).toEqual({ code: 0, out: 'ship: 1 of 1 shipped\n', err: '' })
  expect(existsSync(join(spool, MINUTE))).toBe(false)
  expect(said('arguments').slice(0, 3)).toEqual(['move', spool, 'bucket:minutes/presences'])
  expect(said('arguments').join(' ')).toContain(' --bwlimit 512K ')
  expect(said('environment')).toContain('HOME=/home/me')
  expect(said('environment')).toContain('RCLONE_CONFIG=/rclone.conf')
  expect(said('environment').filter((line) => line.startsWith('AWS'))).toEqual([])
})

test('a bucket that failed is not tried at once, unless somebody asks for it', async () => {
  refuses()
  expect(await ship()).toMatchObject({ code: 3, out: '' })
  takes()
  expect(await ship()).toEqual({
    code: 0,
    out: "ship: 1 wait: the last try failed, the next is after 08:12 (ship --now doesn't wait)\n",
    err: '',
  })
  expect(await ship(['--now'])).toMatchObject({ code: 0, out: 'ship: 1 of 1 shipped\n' })
})

test('while another one ships there is nothing to do', async () => {
  const meanwhile = await withShipLock(spool, '/usr/bin:/bin', () => ship())
  expect(meanwhile).toEqual({
    code: 0,
    out: 'ship: another one is shipping: nothing to do\n',
    err: '',
  })
  expect(existsSync(join(spool, MINUTE))).toBe(true)
})

test('told to end before it began, it ships nothing and says so', async () => {
  const { code, err } = await ship([], {}, AbortSignal.abort())
  expect([code, err]).toEqual([3, expect.stringContaining('the run was cut short')])
  expect(existsSync(join(spool, MINUTE))).toBe(true)
})

test('not configured, the spool is kept in order all the same, and it ends with 2', async () => {
  wait('poulailler/2026-11-01/20261101T0800Z-box.tsv')
  const { code, out, err } = await ship([], { PROBE_REMOTE: '' })
  expect(code).toBe(2)
  expect(out).toBe('ship: minute files packed, having waited for days: 1\n')
  expect(err).toContain('PROBE_REMOTE: is not set')
  expect(readdirSync(spool).filter((name) => name.startsWith('.packed-'))).toHaveLength(1)
})

test('without a spool it ends with 2, and makes none', async () => {
  const none = join(box.folder, 'none')
  const { code, err } = await ship([], { PROBE_SPOOL: none })
  expect([code, err]).toEqual([
    2,
    expect.stringContaining(`PROBE_SPOOL: there is no folder ${none}`),
  ])
  expect(existsSync(none)).toBe(false)
})

/** The real rclone against the stand-in: its signatures, its listings (API version 1), its uploads. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { S3Policy } from '@presences/aggregator/testing/stand-ins/s3/policy.ts'
import {
  type S3Key,
  type S3Server,
  startS3Server,
} from '@presences/aggregator/testing/stand-ins/s3/s3-server.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { missingOf, titleOf } from '../lan/requirements.ts'

const ALL: S3Key = { accessKeyId: 'all', secretAccessKey: 'secret of all', allow: 'all' }
const PROBE: S3Key = {
  accessKeyId: 'probe',
  secretAccessKey: 'secret of the probe',
  allow: { putOnly: 'presences/' },
}
const KEYS = Array.from({ length: 1200 }, (_, at) => {
  const letter = ['a', 'A', 'é', ':', '-', 'b c', '+'][at % 7]
  return `presences/${letter}/${at % 3 ? `${letter}${at}` : `sub/${at}.tsv`}`
})

const RCLONE = 'rclone'
const missing = missingOf({ programs: [RCLONE] })

describe.skipIf(missing)(titleOf('rclone', missing), () => {
  let server: S3Server
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 's3-rclone-'))
    server = await startS3Server({ buckets: ['b'], keys: [ALL, PROBE] })
  })
  afterEach(async () => {
    await server.close()
    await rm(folder, { recursive: true })
  })

  test('lists every one of many mixed keys, flat and by folders', async () => {
    for (const key of KEYS) server.write('b', key, Buffer.from(key))
    const expected = KEYS.map((key) => key.slice('presences/'.length)).sort()
    for (const flags of [['--fast-list'], []]) {
      const { status, stdout } = await rclone(
        ALL,
        'lsf',
        '-R',
        '--files-only',
        ...flags,
        's3:b/presences',
      )
      expect(status).toBe(0)
      expect(stdout.trimEnd().split('\n').sort()).toEqual(expected)
    }
  })

  test('copies there and back, byte for byte', async () => {
    await mkdir(join(folder, 'up/é :+'), { recursive: true })
    await writeFile(join(folder, 'up/é :+/one'), 'one')
    await writeFile(join(folder, 'up/empty'), '')
    await writeFile(join(folder, 'up/large'), Buffer.alloc(15_000_000, 'x'))
    expect(await rclone(ALL, 'copy', join(folder, 'up'), 's3:b')).toMatchObject({ status: 0 })
    expect(server.keysOf('b')).toEqual(['empty', 'large', 'é :+/one'])
    expect(await rclone(ALL, 'copy', 's3:b', join(folder, 'down'))).toMatchObject({ status: 0 })
    const names = await readdir(join(folder, 'down'), { recursive: true })
    expect(names.sort()).toEqual(['empty', 'large', 'é :+', 'é :+/one'])
    for (const name of ['empty', 'large', 'é :+/one']) {
      const read = await readFile(join(folder, 'down', name))
      expect(read.equals(server.read('b', name) ?? Buffer.from('none'))).toBe(true)
    }
  })

  test('sends large files in parts', async () => {
    await writeFile(join(folder, 'large'), Buffer.alloc(11_000_001, 'y'))
    const parts = ['--s3-upload-cutoff', '5M', '--s3-chunk-size', '5M']
    const copied = await rclone(ALL, 'copy', ...parts, join(folder, 'large'), 's3:b')
    expect(copied.stderr).not.toContain('ERROR')
    expect(copied).toMatchObject({ status: 0 })
    expect(server.read('b', 'large')?.length).toBe(11_000_001)
    expect(server.keysOf('b')).toEqual(['large'])
  })

  test('moves files out with a key that may only write', async () => {
    await mkdir(join(folder, 'spool/room'), { recursive: true })
    await writeFile(join(folder, 'spool/room/minute.tsv'), 'minute')
    const quiet = ['--no-traverse', '--no-check-dest', '--s3-no-check-bucket', '--s3-no-head']
    const flags = [...quiet, '--s3-no-head-object', '--retries', '1']
    const moved = await rclone(PROBE, 'move', ...flags, join(folder, 'spool'), 's3:b/presences')
    expect(moved).toMatchObject({ status: 0 })
    expect(server.read('b', 'presences/room/minute.tsv')?.toString()).toBe('minute')
    expect(server.requests.map(({ method }) => method)).toEqual(['PUT'])
    await writeFile(join(folder, 'spool/room/other.tsv'), 'other')
    const refused = await rclone(PROBE, 'move', ...flags, join(folder, 'spool'), 's3:b/ledger')
    expect(refused.status).not.toBe(0)
    expect(refused.stderr).toContain('AccessDenied')
    expect(await readFile(join(folder, 'spool/room/other.tsv'), 'utf8')).toBe('other')
  })

  describe.each([
    ['bucket-policy.json', []],
    // Whether OVH asks for this action where an ACL comes along is not known: here it does not.
    [
      'user-policy.ovh.json',
      [{ Effect: 'Allow', Action: ['s3:PutObjectAcl'], Resource: ['arn:aws:s3:::*'] }],
    ],
  ] as const)('with a key of %s', (file, besides) => {
    const flags = [
      ...['--no-traverse', '--no-check-dest', '--s3-no-check-bucket', '--s3-no-head'],
      ...['--s3-no-head-object', '--retries', '1'],
    ]
    const key = { accessKeyId: 'my-room', secretAccessKey: 'secret of my room' }
    let box: S3Key

    beforeEach(async () => {
      const text = await readFile(new URL(file, import.meta.url), 'utf8')
      const { Statement } = JSON.parse(text.replaceAll('my-bucket', 'b')) as S3Policy
      box = { ...key, allow: { policy: { Statement: [...Statement, ...besides] } } }
      await server.close()
      server = await startS3Server({ buckets: ['b'], keys: [ALL, box] })
      await mkdir(join(folder, 'spool'))
      await writeFile(join(folder, 'spool/minute.tsv'), 'minute')
    })

    const move = (into: string) =>
      rclone(box, 'move', ...flags, join(folder, 'spool'), `s3:b/${into}`)

    test('files of its own room are stored', async () => {
      expect(await move('presences/my-room/2026-11-23')).toMatchObject({ status: 0 })
      expect(server.keysOf('b')).toEqual(['presences/my-room/2026-11-23/minute.tsv'])
    })

    test.each([
      'presences/poulailler/2026-11-23',
      'presences/my-room-2/2026-11-23',
      'presences/my-roo',
      'presences',
      'ledger',
      'rollups/my-room',
    ])('nothing in %s', async (into) => {
      const { status, stderr } = await move(into)
      expect([status === 0, stderr]).toEqual([false, expect.stringContaining('AccessDenied')])
      expect(server.keysOf('b')).toEqual([])
      expect(await readFile(join(folder, 'spool/minute.tsv'), 'utf8')).toBe('minute')
    })

    test.each([
      ['listed', ['lsf', 's3:b/presences/my-room']],
      ['read', ['cat', 's3:b/presences/my-room/minute.tsv']],
      ['deleted', ['deletefile', 's3:b/presences/my-room/minute.tsv']],
    ])('nothing is %s', async (_, args) => {
      server.write('b', 'presences/my-room/minute.tsv', Buffer.from('minute'))
      const { status, stdout } = await rclone(box, ...args, '--retries', '1')
      expect([status === 0, stdout]).toEqual([false, ''])
      expect(server.keysOf('b')).toHaveLength(1)
    })
  })

  test.each([
    ['an unknown key', { ...ALL, accessKeyId: 'nobody' }, 'InvalidAccessKeyId'],
    ['a wrong secret', { ...ALL, secretAccessKey: 'guess' }, 'SignatureDoesNotMatch'],
  ])('is refused with %s', async (_, key, code) => {
    const listed = await rclone(key, 'lsf', 's3:b', '--retries', '1')
    expect(listed.status).not.toBe(0)
    expect(listed.stderr).toContain(code)
  })

  async function rclone(key: S3Key, ...args: string[]) {
    const child = spawn(RCLONE, ['--low-level-retries', '1', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Nothing of the caller's: with AWS_CA_BUNDLE set rclone 1.60 fails on every S3 remote.
      env: {
        PATH: process.env.PATH,
        RCLONE_CONFIG: join(folder, 'none.conf'),
        RCLONE_CONFIG_S3_TYPE: 's3',
        RCLONE_CONFIG_S3_PROVIDER: 'Other',
        RCLONE_CONFIG_S3_ENDPOINT: server.endpoint,
        RCLONE_CONFIG_S3_ACCESS_KEY_ID: key.accessKeyId,
        RCLONE_CONFIG_S3_SECRET_ACCESS_KEY: key.secretAccessKey,
      },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [status] = (await once(child, 'close')) as [number | null]
    return { status, stdout, stderr }
  }
})

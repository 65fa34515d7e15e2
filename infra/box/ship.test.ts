import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import {
  type S3Request,
  type S3Server,
  startS3Server,
} from '@presences/aggregator/testing/stand-ins/s3/s3-server.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { missingOf, titleOf } from '../lan/requirements.ts'
import { type ShipOptions, ship, writeRcloneConfig } from './run-ship.ts'

const BUCKET = 'coworking'
const KEY = {
  accessKeyId: 'probe',
  secretAccessKey: 'a-secret',
  allow: { putOnly: 'presences/' },
} as const
const DAY = 'poulailler/2026-11-23'
const MINUTES = ['20261123T0812Z', '20261123T0813Z', '20261123T0814Z'].map(
  (minute) => `${DAY}/${minute}-box.tsv`,
)

const missing = missingOf({ programs: ['rclone', 'flock'] })

describe.skipIf(missing)(
  titleOf('presences-probe ship with a key that may only write', missing),
  () => {
    let folder: string
    let spool: string
    let server: S3Server
    let rcloneConfig: string

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'presences-ship-'))
      spool = join(folder, 'spool')
      rcloneConfig = join(folder, 'rclone.conf')
      server = await startS3Server({ buckets: [BUCKET], keys: [KEY] })
      await writeRcloneConfig(rcloneConfig, { endpoint: server.endpoint, ...KEY })
      await mkdir(spool)
    })
    afterEach(async () => {
      await server.close()
      await rm(folder, { recursive: true })
    })

    test('what is in the bucket is no longer in the spool, byte for byte', async () => {
      for (const path of MINUTES) await wait(path)
      await wait(`${DAY}/20261123T0815Z-box.tsv`, '')

      const shipped = await run()

      expect(shipped).toEqual({ status: 0, stdout: 'ship: 4 of 4 shipped\n', stderr: '' })
      expect(await waiting()).toEqual([])
      expect(server.keysOf(BUCKET)).toHaveLength(4)
      for (const path of MINUTES) expect(stored(path)).toBe(contentOf(path))
      expect(stored(`${DAY}/20261123T0815Z-box.tsv`)).toBe('')
    })

    test('asks the server for nothing but to store, and deletes nothing there', async () => {
      server.write(BUCKET, 'presences/poulailler/2019-01-01', Buffer.from('history'))
      for (const path of MINUTES) await wait(path)

      await run()

      expect(server.requests.map(({ method, key }) => `${method} ${key}`).sort()).toEqual(
        MINUTES.map((path) => `PUT presences/${path}`),
      )
      expect(server.requests.every(({ headers }) => headers['content-md5'])).toBe(true)
      expect(server.keysOf(BUCKET)).toContain('presences/poulailler/2019-01-01')
    })

    test.each([
      ['without a line `acl`', undefined, 'private'],
      ['with an empty one', '', 'private'],
      ["with AWS's", 'bucket-owner-full-control', 'bucket-owner-full-control'],
    ])('%s it sends an ACL that bucket-policy.json allows', async (_, acl, sent) => {
      const settings = { endpoint: server.endpoint, ...KEY, ...(acl !== undefined && { acl }) }
      await writeRcloneConfig(rcloneConfig, settings)
      await wait(MINUTES[0] as string)
      await run()
      const [request] = server.requests
      // Newer ones send only what they are told to.
      const isOld = (await rcloneVersion()).startsWith('rclone v1.60.')
      expect(request?.headers['x-amz-acl']).toBe(isOld ? sent : acl || undefined)
      expect(await aclsOfPolicy()).toContain(sent)
    })

    test('with nothing to ship: no word, no request', async () => {
      expect(await run()).toEqual({ status: 0, stdout: '', stderr: '' })
      expect(server.requests).toEqual([])
    })

    test('dot names stay, at every depth, and so does what is still young', async () => {
      await wait(MINUTES[0] as string)
      const staying = [
        '.left',
        `${DAY}/.20261123T0812Z-box.tsv.tmp`,
        '.folder/2026-11-23/inside.tsv',
      ]
      for (const path of staying) await wait(path)
      const young = MINUTES[1] as string
      // Young for nine seconds from now on.
      await wait(young, 'young', new Date(Date.now() + 4_000))

      expect(await run()).toMatchObject({ status: 0, stdout: 'ship: 1 of 1 shipped\n' })

      expect(await waiting()).toEqual([...staying, young].sort())
      expect(server.keysOf(BUCKET)).toEqual([`presences/${MINUTES[0]}`])
    })

    test.each([
      ['zzz.txt'],
      [`${DAY}/zzz.txt`],
      [`${DAY}/note of a person.tsv`],
      [`${DAY}/deeper/20261123T0812Z-box.tsv`],
      ['poulailler/20261123T0812Z-box.tsv'],
    ])('%s is no minute file: it stays, is told, and holds up nothing', async (stranger) => {
      for (const path of [...MINUTES, stranger]) await wait(path)

      expect(await run()).toEqual({
        status: 0,
        stdout: `ship: 3 of 3 shipped; left alone, being no minute files: 1, such as ${stranger}\n`,
        stderr: '',
      })

      expect(await waiting()).toEqual([stranger])
      expect(server.keysOf(BUCKET)).toEqual(MINUTES.map((path) => `presences/${path}`))
    })

    test('with nothing but strangers to ship: no word, no request', async () => {
      await wait('zzz.txt')
      expect(await run()).toEqual({ status: 0, stdout: '', stderr: '' })
      expect(server.requests).toEqual([])
    })

    test.each([
      ['newest', MINUTES[2]],
      ['oldest', MINUTES[0]],
    ])('the %s refused for itself alone: the others are shipped', async (_, bad = '') => {
      for (const path of MINUTES) await wait(path)
      server.faults = ({ key }) =>
        key.endsWith(bad) ? { status: 403, code: 'AccessDenied' } : undefined
      const partly = await run()
      expect(partly.status).not.toBe(0)
      expect(partly.stderr).toMatch(
        /^ship: 2 of 3 shipped\. Can't write to bucket:coworking: the key may not write there \(AccessDenied[^;]*\)\. To do: check the key's policy[^;]*\n$/,
      )
      expect(await waiting()).toEqual([bad])
    })

    test('what ripens during the run is for the next one, and is not counted', async () => {
      for (const path of MINUTES.slice(0, 2)) await wait(path)
      const ripening = MINUTES[2] as string
      await wait(ripening, contentOf(ripening), new Date(Date.now() - 3_000))
      let first = true
      const ripened = new Promise((resolve) => setTimeout(resolve, 3_000))
      server.faults = () => {
        if (!first) return undefined
        first = false
        return 'hang'
      }
      const shipping = run()
      await ripened
      // The bucket answers again: the second of the run's two rclones begins only now.
      await server.pause()
      await server.resume()
      expect(await shipping).toMatchObject({ status: 0, stdout: 'ship: 2 of 2 shipped\n' })
      expect(await waiting()).toEqual([ripening])
      expect(await run()).toMatchObject({ status: 0, stdout: 'ship: 1 of 1 shipped\n' })
    })

    test.each([
      ['kill -9 $$', /\(rclone was killed \(SIGKILL\)\)\. To do: nothing/],
      ['echo "out of something" >&2; exit 2', /\(rclone ended with status 2 and gave no reason\)/],
      ['echo "ERROR : a.tsv: no luck"; kill -9 $$', /\(no luck\)[^\n]*\(rclone was killed/],
    ])('an rclone that does %j is told in one line', async (script, reasons) => {
      for (const path of MINUTES) await wait(path)
      const bin = join(folder, 'bin')
      await mkdir(bin)
      await writeFile(join(bin, 'rclone'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
      const { status, stdout, stderr } = await run({ PATH: `${bin}:${process.env.PATH}` })
      expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
      expect(stderr).toMatch(/^ship: 0 of 3 shipped\. Can't write to bucket:coworking: [^\n]*\n$/)
      expect(stderr).toMatch(reasons)
      expect(await waiting()).toEqual(MINUTES)
    })

    test('bucket down: it fails in one line, everything stays, the next run ships it', async () => {
      for (const path of MINUTES) await wait(path)
      await server.pause()

      const failed = await run()

      expect(failed.status).not.toBe(0)
      expect(failed.stderr).toMatch(/^ship: 0 of 3 shipped\. .*connection refused\)\. To do: .*\n$/)
      expect(failed.stderr).not.toContain(KEY.secretAccessKey)
      expect(await waiting()).toEqual(MINUTES)

      await server.resume()
      expect(await run()).toMatchObject({ status: 0, stdout: 'ship: 3 of 3 shipped\n' })
      expect(await waiting()).toEqual([])
      for (const path of MINUTES) expect(stored(path)).toBe(contentOf(path))
    })

    test('a long outage costs one try a run, not one for each minute that waits', async () => {
      for (let minute = 100; minute < 160; minute += 1)
        await wait(`${DAY}/20261123T0${minute}Z-box.tsv`)
      server.faults = () => ({ status: 503, code: 'SlowDown' })

      const failed = await run()

      expect(failed.status).not.toBe(0)
      expect(failed.stderr).toMatch(/^ship: 0 of 60 shipped\. .*SlowDown.*\n$/)
      expect(new Set(server.requests.map(({ key }) => key)).size).toBe(1)
    })

    test('one file refused: the others are shipped, it stays, the exit status says so', async () => {
      for (const path of MINUTES) await wait(path)
      const bad = MINUTES[1] as string
      server.faults = ({ key }) =>
        key.endsWith(bad) ? { status: 403, code: 'AccessDenied' } : undefined

      const partly = await run()

      expect(partly.status).not.toBe(0)
      expect(partly.stderr).toMatch(
        /^ship: 2 of 3 shipped\. .*AccessDenied.*status code: 403\)\. .*\n$/,
      )
      expect(await waiting()).toEqual([bad])
    })

    test.each<[string, (request: S3Request) => 'drop' | 'drop-after' | undefined]>([
      ['before the file was stored', () => 'drop'],
      ['after the file was stored', () => 'drop-after'],
    ])('a connection that breaks %s confirms nothing', async (_when, faults) => {
      await wait(MINUTES[0] as string)
      server.faults = faults
      expect((await run()).status).not.toBe(0)
      expect(await waiting()).toEqual([MINUTES[0]])

      server.faults = undefined
      expect((await run()).status).toBe(0)
      expect(server.keysOf(BUCKET)).toEqual([`presences/${MINUTES[0]}`])
      expect(stored(MINUTES[0] as string)).toBe(contentOf(MINUTES[0] as string))
    })

    test('a wrong key is told as such, and nothing is lost', async () => {
      await wait(MINUTES[0] as string)
      const wrong = { ...KEY, endpoint: server.endpoint, secretAccessKey: 'not-the-secret' }
      await writeRcloneConfig(rcloneConfig, wrong)
      const failed = await run()
      expect(failed.status).not.toBe(0)
      expect(failed.stderr).toContain('SignatureDoesNotMatch')
      expect(await waiting()).toEqual([MINUTES[0]])
    })

    test('the same minute again is the same object with the same bytes', async () => {
      const path = MINUTES[0] as string
      for (let time = 0; time < 2; time += 1) {
        await wait(path)
        expect((await run()).status).toBe(0)
      }
      expect(server.keysOf(BUCKET)).toEqual([`presences/${path}`])
      expect(stored(path)).toBe(contentOf(path))
    })

    test('two at once: the second says so and leaves', async () => {
      await wait(MINUTES[0] as string)
      const asked = new Promise<void>((resolve) => {
        server.faults = () => {
          resolve()
          return 'hang'
        }
      })
      const first = run()
      await asked
      expect(await run()).toEqual({
        status: 0,
        stdout: 'ship: another one is shipping: nothing to do\n',
        stderr: '',
      })
      server.faults = undefined
      await server.pause()
      await server.resume()
      expect(await first).toMatchObject({ status: 0, stdout: 'ship: 1 of 1 shipped\n' })
    })

    test("the caller's AWS and rclone variables don't reach rclone", async () => {
      await wait(MINUTES[0] as string)
      const env = {
        AWS_CA_BUNDLE: '/etc/ssl/certs/ca-certificates.crt',
        AWS_ACCESS_KEY_ID: 'somebody-else',
        RCLONE_DRY_RUN: 'true',
        RCLONE_CONFIG_BUCKET_ENDPOINT: 'http://127.0.0.1:1',
      }
      expect(await run(env)).toMatchObject({ status: 0, stdout: 'ship: 1 of 1 shipped\n' })
    })

    test('folders of past days go once they are empty, those of today stay', async () => {
      const past = join(spool, 'poulailler/2026-11-20')
      await mkdir(past, { recursive: true })
      await utimes(past, 0, 0)
      await wait(MINUTES[0] as string)
      await run()
      expect(await readdir(join(spool, 'poulailler'))).toEqual(['2026-11-23'])
    })

    test('a bucket that failed is left alone for longer each time, and at once no more when it works', async () => {
      for (const path of MINUTES) await wait(path)
      server.faults = () => ({ status: 503, code: 'SlowDown' })
      const failuresFile = join(spool, '.ship-failures')
      const tries = async () => new Set(server.requests.splice(0).map(({ key }) => key)).size
      const ago = async (seconds: number) => {
        const then = new Date(Date.now() - seconds * 1000)
        await utimes(failuresFile, then, then)
      }
      for (const [failed, minutes] of [
        [1, 1],
        [2, 2],
        [3, 4],
        [4, 8],
        [5, 15],
        [6, 15],
      ] as const) {
        expect((await run({}, { isPatient: true })).status).toBe(3)
        expect(await tries()).toBe(1)
        expect(await readFile(failuresFile, 'utf8')).toBe(String(failed))
        await ago(minutes * 60 - 20)
        const waiting = await run({}, { isPatient: true })
        expect(waiting).toMatchObject({ status: 0, stderr: '' })
        expect(waiting.stdout).toMatch(
          /^ship: 3 wait: the last .*failed, the next is after \d\d:\d\d/,
        )
        expect(await tries()).toBe(0)
        await ago(minutes * 60)
      }
      server.faults = undefined
      expect(await run({}, { isPatient: true })).toMatchObject({ stdout: 'ship: 3 of 3 shipped\n' })
      await wait(MINUTES[0] as string)
      expect(await run({}, { isPatient: true })).toMatchObject({ stdout: 'ship: 1 of 1 shipped\n' })
    })

    test('a failure of the future, by a clock that was ahead, holds up nothing', async () => {
      await wait(MINUTES[0] as string)
      const failuresFile = join(spool, '.ship-failures')
      await writeFile(failuresFile, '9')
      const future = new Date(Date.now() + 86_400_000)
      await utimes(failuresFile, future, future)
      expect(await run({}, { isPatient: true })).toMatchObject({ stdout: 'ship: 1 of 1 shipped\n' })
    })

    test('weeks offline: packed, then shipped byte for byte, the oldest opening hours first', async () => {
      const days = ['2025-03-17', '2025-03-18', '2025-03-19']
      // 09:00 and 23:00 in Paris.
      const clocks = ['0800', '0801', '2200']
      const paths = days.flatMap((day) =>
        clocks.map((clock) => `poulailler/${day}/${day.replaceAll('-', '')}T${clock}Z-box.tsv`),
      )
      for (const path of [...paths, ...MINUTES]) await wait(path)
      for (const day of days) await utimes(join(spool, 'poulailler', day), 1, 1)
      await server.pause()
      const offline = await run()
      expect(offline.stdout).toBe('ship: minute files packed, having waited for days: 9\n')
      expect((await waiting()).filter((path) => path.startsWith('.packed-'))).toHaveLength(6)
      const again = await run()
      expect([again.stdout, again.stderr.split('.')[0]]).toEqual(['', 'ship: 0 of 12 shipped'])

      await server.resume()
      expect(await run()).toEqual({ status: 0, stdout: 'ship: 12 of 12 shipped\n', stderr: '' })
      expect(await waiting()).toEqual([])
      for (const path of [...paths, ...MINUTES]) expect(stored(path)).toBe(contentOf(path))
      const sent = server.requests.map(({ key }) => key.slice('presences/'.length))
      expect(sent).toHaveLength(12)
      const isOpen = (path: string) => !path.includes('T2200Z')
      expect(sent[0]).toBe(MINUTES[2])
      // Within a portion several are under way at once.
      expect(sent.slice(1).map((path) => `${path.slice(11, 21)} ${isOpen(path)}`)).toEqual([
        ...days.flatMap((day) => [`${day} true`, `${day} true`]),
        '2026-11-23 true',
        '2026-11-23 true',
        ...days.map((day) => `${day} false`),
      ])
    })

    test('without a bucket to ship to the spool is kept in order all the same', async () => {
      const path = 'poulailler/2025-03-17/20250317T0800Z-box.tsv'
      await wait(path)
      await utimes(join(spool, 'poulailler/2025-03-17'), 1, 1)
      expect(await run({ PROBE_REMOTE: '' })).toMatchObject({
        status: 2,
        stdout: 'ship: minute files packed, having waited for days: 1\n',
        stderr: expect.stringContaining('PROBE_REMOTE: is not set'),
      })
    })

    test('a server that answers nothing useful does not hold the run for ever, when it is ended', async () => {
      await wait(MINUTES[0] as string)
      const asked = new Promise<void>((resolve) => {
        server.faults = () => {
          resolve()
          return 'hang'
        }
      })
      const stop = new AbortController()
      const shipping = run({}, { stop: stop.signal })
      await asked
      stop.abort()
      expect(await shipping).toMatchObject({
        status: 3,
        stderr: expect.stringMatching(/^ship: 0 of 1 shipped\. .*the run was cut short.*\n$/),
      })
      expect(await waiting()).toEqual([MINUTES[0]])
    })

    test.each([
      ['PROBE_BANDWIDTH', { PROBE_BANDWIDTH: '512' }],
      ['PROBE_SPOOL_MAX_MB', { PROBE_SPOOL_MAX_MB: 'much' }],
      ['PROBE_REMOTE', { PROBE_REMOTE: '' }],
      ['PROBE_REMOTE', { PROBE_REMOTE: 'bucket' }],
      ['RCLONE_CONFIG', { RCLONE_CONFIG: '/nowhere/rclone.conf' }],
      ['PROBE_SPOOL', { PROBE_SPOOL: '/nowhere/spool' }],
    ])('names a wrong %s and exits with 2', async (name, env) => {
      const refused = await run(env)
      expect(refused.status).toBe(2)
      expect(refused.stderr).toMatch(new RegExp(`^The configuration has a fault:\\n.*${name}.*\n$`))
    })

    /** Puts a file in the spool, a minute old. */
    async function wait(
      path: string,
      content = contentOf(path),
      modified = new Date(Date.now() - 60_000),
    ): Promise<void> {
      const full = join(spool, path)
      await mkdir(dirname(full), { recursive: true })
      await writeFile(full, content)
      await utimes(full, modified, modified)
    }

    function run(env: Record<string, string> = {}, how: Partial<ShipOptions> = {}) {
      return ship({ spool, bucket: BUCKET, rcloneConfig, env, ...how })
    }

    /** The files in the spool, but those of shipping itself. */
    async function waiting(): Promise<string[]> {
      const entries = await readdir(spool, { recursive: true, withFileTypes: true })
      return entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.ship'))
        .map((entry) => join(entry.parentPath, entry.name).slice(spool.length + 1))
        .sort()
    }

    function stored(path: string): string | undefined {
      return server.read(BUCKET, `presences/${path}`)?.toString()
    }
  },
)

async function rcloneVersion(): Promise<string> {
  return (await promisify(execFile)('rclone', ['version'])).stdout
}

/** The ACLs that the example's policy lets the probe's key send. */
async function aclsOfPolicy(): Promise<string[]> {
  const policy = await readFile(new URL('bucket-policy.json', import.meta.url), 'utf8')
  const { Statement } = JSON.parse(policy) as {
    Statement: { Condition?: { StringEquals: { 's3:x-amz-acl': string[] } } }[]
  }
  return Statement.flatMap(({ Condition }) => Condition?.StringEquals['s3:x-amz-acl'] ?? [])
}

function contentOf(path: string): string {
  return `# devices=1\n2026-11-23T09:12:00+01:00\tAA:BB:CC:00:00:01\n# ${path}\n`
}

/** What a box reads again of its own, and of rclone: its memories, its packed minutes, a configuration, a log. */
import { machineClock } from '@presences/probe/clock/clock.ts'
import { isClockMemory } from '@presences/probe/clock/judge-clock.ts'
import { checkLastScan } from '@presences/probe/doctor/last-scan-state.ts'
import { checkRemote } from '@presences/probe/doctor/remote.ts'
import { isLastScan } from '@presences/probe/record/last-scan.ts'
import { explainFailure } from '@presences/probe/ship/explain-failure.ts'
import { readRcloneLog } from '@presences/probe/ship/rclone-log.ts'
import { encodePack, type PackedFile } from '@presences/probe/spool/pack/pack-file.ts'
import { unpack } from '@presences/probe/spool/pack/unpack.ts'
import { formatPackName, type PackName, parsePackName } from '@presences/probe/spool/pack-name.ts'
import { claimMinute, pathClaimed } from '@presences/probe/spool/recorded-minutes.ts'
import {
  encodeMinuteFile,
  epochMinuteOf,
  type LocalDay,
  parseRawKey,
  RAW_PREFIX,
} from '@presences/shared'
import { PLANTED_MACS } from '../engine/fragments.ts'
import { crashWithin } from '../engine/own-crash.ts'
import { must, mustBeLoggable, READ, type Refusals, SECRET, type Target } from '../engine/target.ts'
import { folderInMemory } from './folder-in-memory.ts'
import { gunzipped, gzipped, NO_GZIP } from './gzip.ts'
import { runtimeFileOf } from './runtime-file-in-memory.ts'

const NOW = new Date('2026-11-22T21:15:00Z')
const UPTIME_MS = 3_600_000

const clockMemory: Target = {
  name: 'clock memory',
  reader: 'probe/src/clock/judge-clock.ts',
  seeds: [
    JSON.stringify({ bootId: 'boot-1', offsetMs: NOW.getTime() - UPTIME_MS, markMs: 1 }),
    JSON.stringify({ bootId: 'boot-2', offsetMs: 0 }),
  ],
  json: true,
  share: 25,
  async read(input) {
    const file = runtimeFileOf(input, isClockMemory)
    const memory = file.recall()
    const clock = machineClock({
      basis: 'synchronized',
      timeZone: 'Europe/Paris',
      now: () => NOW,
      uptimeMs: () => UPTIME_MS,
      bootId: 'boot-1',
      askSynchronizer: async () => ({ isSynchronized: true, finding: 'asked' }),
      recall: file.recall,
      remember: (remembered) => {
        file.remember(remembered)
        const again = runtimeFileOf(Buffer.from(JSON.stringify(remembered)), isClockMemory)
        must(again.recall() !== undefined, 'what it writes it reads')
      },
    })
    const verdict = await clock.check(NOW)
    mustBeLoggable(verdict.isRight ? verdict.finding : `${verdict.reason} ${verdict.advice}`)
    return memory === undefined ? ['no memory of this version'] : READ
  },
}

const lastScan: Target = {
  name: 'last scan',
  reader: 'probe/src/record/last-scan.ts',
  seeds: [
    '{"begun":"2026-11-22T21:14:00.000Z","outcome":"written","devices":3,"problems":[]}',
    '{"begun":"2026-11-22T21:14:00.000Z","outcome":"failed","problems":["a sentence"]}',
  ],
  json: true,
  share: 20,
  read(input) {
    const last = runtimeFileOf(input, isLastScan).recall()
    const { finding, state, advice } = checkLastScan(last, undefined, NOW)
    must(finding !== '', 'something is said')
    must(state === 'works' || advice !== undefined, 'what does not work comes with an advice')
    return last === undefined ? ['no memory of this version'] : READ
  },
}

const rcloneConfiguration: Target = {
  name: 'rclone configuration',
  reader: 'probe/src/doctor/remote.ts',
  seeds: [
    `[bucket]\ntype = s3\nprovider = Other\nendpoint = https://s3.example.org\naccess_key_id = id\nsecret_access_key = ${SECRET}\nno_check_bucket = true\n`,
    `# rclone\n[other]\ntype = local\n\n[bucket]\r\ntype=s3\r\nprovider=AWS\r\nenv_auth=true\r\n; end`,
  ],
  words: ['[bucket]', '[', ']', ' = ', 'endpoint = http://x', 'CHANGE-ME', 'type = '],
  share: 40,
  read(input) {
    const text = Buffer.from(input).toString('utf8')
    const environment = { PROBE_REMOTE: 'bucket:space', RCLONE_CONFIG: '/etc/rclone.conf' }
    const { state, finding, advice } = checkRemote(environment, () => text)
    must(state === 'works' || advice !== undefined, 'what does not work comes with an advice')
    // Where it ships to is shown: whoever writes the key there shows it.
    const isMisplaced = /^[ \t]*(?:endpoint|type)[ \t]*=.*S3cr/m.test(text)
    must(isMisplaced || !`${finding} ${advice}`.includes(SECRET), 'the key is not shown')
    return state === 'works' ? READ : [finding.replaceAll(/\(.*\)/g, '').slice(0, 60)]
  },
}

const DAY = 'poulailler/2026-11-22'
const NAME = '20261122T0712Z-box.tsv'
const RECORDS = '.recorded-poulailler-2026-11-22'

const recordedMinutes: Target = {
  name: 'recorded minutes',
  reader: 'probe/src/spool/recorded-minutes.ts',
  seeds: [
    '20261122T0710Z-box.tsv 4711-86400-1\n20261122T0711Z-box.tsv 4712-86400-1\n',
    `20261122T0710Z-box.tsv 4711-86400-1\n${NAME} 4712-86400-1\n`,
    '20261122T0710Z-box.tsv 47\0\0\0\0',
  ],
  words: [NAME, `${NAME} `, `\n${NAME} mine\n`, ' ', '\n'],
  share: 40,
  async read(input) {
    const folder = folderInMemory({ [`/spool/${RECORDS}`]: Buffer.from(input) })
    const owner = { uid: 0, gid: 0 }
    const claim = (writer: string) =>
      claimMinute(folder.fs, '/spool', `${DAY}/${NAME}`, { writer, owner })
    const before = Buffer.from(input).toString('utf8')
    const isThere = before.split('\n').some((line) => line.startsWith(`${NAME} `))
    const isOurs = await claim('writer-1')
    must(isOurs === !isThere, 'a minute is claimed when no line has it')
    must(!(await claim('writer-2')), 'a minute is claimed once')
    if (!isOurs) return ['recorded before']
    const after = folder.read(`/spool/${RECORDS}`)
    must(after.subarray(0, input.length).equals(input), 'what was there stays')
    const path = await pathClaimed(folder.fs, '/spool', NAME, 'writer-1')
    must(path === `${DAY}/${NAME}`, 'who claimed it finds it')
    return READ
  },
}

const PACK: PackName = {
  location: 'poulailler',
  day: '2026-11-22' as LocalDay,
  hours: 'open',
  first: epochMinuteOf(new Date('2026-11-22T07:12:00Z')),
  count: 3,
}
const packBytes = await encodePack(filesOfPack(), PACK.count)

async function* filesOfPack(): AsyncGenerator<PackedFile> {
  const macs = ['AA:BB:CC:DD:EE:01', 'AA:BB:CC:DD:EE:02'] as never[]
  for (const minute of ['12', '13']) {
    const instant = new Date(`2026-11-22T07:${minute}:04Z`)
    const text = encodeMinuteFile({ instant, macs, meta: { version: '1.0.0' } }, 'Europe/Paris')
    yield { name: `20261122T07${minute}Z-box.tsv`, bytes: Buffer.from(text) }
  }
  yield { name: '20261122T0714Z-box.tsv', bytes: Buffer.from('not ours\n') }
}

/** Unpacks as shipping does, into a spool in memory: all of a pack comes out, or the pack stays. */
async function unpacked(bytes: Uint8Array): Promise<Refusals> {
  const file = formatPackName(PACK)
  const packPath = `/spool/${file}`
  const folder = folderInMemory({ [packPath]: Buffer.from(bytes) })
  try {
    const minutes = await unpack(folder.fs, '/spool', { ...PACK, file })
    must(!folder.paths().includes(packPath), 'a pack that came out whole is gone')
    must(
      folder.paths().length === new Set(minutes.map(({ path }) => path)).size,
      'each minute is there',
    )
    for (const { path } of minutes)
      must(parseRawKey(RAW_PREFIX + path)?.kind === 'minute', 'all are minutes')
    return READ
  } catch (error) {
    const { message } = error as Error
    if (!message.startsWith("Can't unpack") || crashWithin(error)) throw error
    mustBeLoggable(message)
    must(message.length < 500, 'a message is not as long as the pack')
    must(folder.paths().join() === packPath, 'a pack that can not be read stays, alone')
    return [`can't unpack: ${PACK_DAMAGES.find(([sign]) => sign.test(message))?.[1] ?? message}`]
  }
}

const PACK_DAMAGES: readonly (readonly [RegExp, string])[] = [
  [/: it is of version/, 'another version'],
  [/: its line \d+ is not one/, 'a line that is not one of a pack'],
  [/: it holds \d+ minute files/, 'not as many files as its name says'],
  [/: it holds "/, 'a name that is no minute file'],
  [/: EEXIST/, 'a name twice'],
  [/JSON/, 'no JSON'],
  [/: Cannot create a Buffer/, 'too large'],
  [NO_GZIP, 'no gzip'],
]

const packedMinutes: Target = {
  name: 'packed minutes',
  reader: 'probe/src/spool/pack/pack-file.ts',
  seeds: [gunzipped(packBytes)],
  words: [
    '{"pack":1}',
    '{"mac":"',
    '"seen":"',
    '"bytes":"',
    'null\n',
    '[]\n',
    '../',
    ...PLANTED_MACS,
  ],
  share: 25,
  read: (input) => unpacked(gzipped(input)),
}

const packs: Target = {
  name: 'packed minutes, packed',
  reader: 'probe/src/spool/pack/unpack.ts',
  seeds: [packBytes],
  share: 10,
  isSlow: true,
  read: unpacked,
}

const packNames: Target = {
  name: 'pack name',
  reader: 'probe/src/spool/pack-name.ts',
  seeds: [formatPackName(PACK), '.packed-pti-poulailler-2026-10-25-closed-20261025T0030Z-1.gz'],
  words: ['.packed-', '-open-', '-closed-', 'Z-', '.gz', '2026-02-30'],
  share: 30,
  read(input) {
    const text = Buffer.from(input).toString('utf8')
    const name = parsePackName(text)
    if (name === undefined) return ['no name of a pack']
    must(formatPackName({ ...name }) === text, 'it is written as it was read')
    return READ
  },
}

const rcloneLog: Target = {
  name: 'rclone log',
  reader: 'probe/src/ship/rclone-log.ts',
  seeds: [
    'INFO  : poulailler/2026-11-22/20261122T0712Z-box.tsv: Copied (new)\nINFO  : poulailler/2026-11-22/20261122T0712Z-box.tsv: Deleted\n',
    'ERROR : poulailler/2026-11-22/20261122T0712Z-box.tsv: Failed to copy: AccessDenied: no\n\tstatus code: 403, request id: 1, host id: 2\nERROR : poulailler/2026-11-22/20261122T0712Z-box.tsv: Not deleting source as copy failed: no\nERROR : Attempt 1/1 failed with 1 errors and: no\nFailed to move: no\n',
    'ERROR : a.tsv: Failed to copy: RequestError: send request failed\ncaused by: Put "https://s3.example.org/a": dial tcp 192.0.2.1:443: connect: connection refused\nCRITICAL: Failed to create file system\n',
  ],
  words: [
    'ERROR : ',
    'INFO  : ',
    ': Deleted',
    'caused by: Put "',
    'status code: 503',
    '\n\t',
    '.tsv: ',
  ],
  share: 40,
  read(input) {
    const text = Buffer.from(input).toString('utf8')
    const { shipped, reasons } = readRcloneLog(text)
    const lines = text.split('\n')
    must(
      shipped <= lines.filter((line) => line.endsWith(': Deleted')).length,
      'no file is shipped that was not',
    )
    must(
      reasons.length > 0 ||
        !lines.some((line) => /^ERROR : a\.tsv: Failed to copy: \w+$/.test(line)),
      'a failure is told',
    )
    const told = reasons.map((reason) => {
      const { problem, advice } = explainFailure(reason, '/etc/rclone.conf')
      mustBeLoggable(`${problem} (${reason}). To do: ${advice}`)
      return problem
    })
    return told
  },
}

export const BOX_TARGETS = [
  clockMemory,
  lastScan,
  recordedMinutes,
  packedMinutes,
  packs,
  packNames,
  rcloneConfiguration,
  rcloneLog,
]

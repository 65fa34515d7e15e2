/** What lies in a room's folder of one day, as a box's key may fill it: any names, of any size. */
import { refreshRollup } from '@presences/aggregator/rollup/refresh-rollup.ts'
import { compareKeys } from '@presences/aggregator/store/key-order.ts'
import type { Store } from '@presences/aggregator/store/store.ts'
import { LIMITS, type LocalDay } from '@presences/shared'
import { must, type Target } from '../engine/target.ts'
import { storeOf } from './store-in-memory.ts'

const DAY = '2026-11-22' as LocalDay
const FOLDER = `presences/poulailler/${DAY}`
const TIME_ZONE = 'Europe/Paris'
const [DAY_STARTS, DAY_ENDS] = [
  Date.parse('2026-11-21T23:00:00Z'),
  Date.parse('2026-11-22T23:00:00Z'),
]
const WRITTEN = new Date('2026-11-22T12:00:00Z')
/** The minute after that may have begun by a box's clock, and the next. */
const LAST_MINUTE = WRITTEN.getTime() + 2 * 60_000
const NOBODY = Buffer.from('# devices=0\n')
/** So small that a listing of a few lines reaches them. */
const SMALL = {
  ...LIMITS,
  minuteFileBytes: 1_000,
  dayFileBytes: 5_000,
  roomDayBytes: 8_000,
  roomDayKeys: 12,
  roomDayProbes: 3,
}

interface Listed {
  readonly key: string
  readonly sizeBytes: number
}

/** Reads lines `SIZE NAME`, each an object below the room's folder of the day. */
export function dayFolderTarget(refresh: typeof refreshRollup): Target {
  return {
    name: 'folder of a day',
    reader: 'aggregator/src/rollup/refresh-rollup.ts',
    seeds: [
      '12 /20261122T0712Z-box.tsv\n0 /20261122T0713Z-box.tsv\n4000 ',
      '12 /20261122T0712Z-box.tsv\n0 /20261122T0713Z-box.tsv\n1001 /20261122T0714Z-box.tsv\n4000 \n12 /',
      '900 /20261121T2300Z-a.tsv\n900 /20261121T2259Z-a.tsv\n900 /20261122T1103Z-b.tsv\n900 /20261122T1203Z-c.tsv\n900 /20261122T0700Z-Pi_4.local.tsv',
      [...Array(14).keys()].map((at) => `700 /20261122T08${10 + at}Z-box.tsv`).join('\n'),
      [...Array(14).keys()].map((at) => `9 /20261122T08${10 + at}Z-box-${at}.tsv`).join('\n'),
    ],
    words: [
      ...['\n12 /', '/20261122T', 'Z-', '.tsv', '.tmp', '/../', '-evil', '.json.gz', 'T2400Z-'],
      ...['T2259Z-', 'T2300Z-', 'T1202Z-', 'T1203Z-', '262144 ', '9007199254740991 '],
    ],
    share: 6,
    isSlow: true,
    async read(input) {
      const { listed, noSizes } = listedIn(Buffer.from(input).toString('utf8'))
      const { store, got } = bucketOf(listed)
      const deps = { store, timeZone: TIME_ZONE, limits: SMALL }
      const { fetched, refused, unread, rollup } = await refresh('poulailler', DAY, deps)
      must(unread.length === 0, 'nothing that can be fetched is called unread')
      must(fetched === got.length, 'it counts what it fetches')
      mustBeOneOrTheOther(listed, new Set(got), refused)
      mustKeepLimits(listed, new Set(got))
      must(rollup.probes.size <= SMALL.roomDayProbes, 'a room has no more probes than it may')
      got.length = 0
      const again = await refresh('poulailler', DAY, deps)
      must(got.length === 0, 'what was read is not fetched again')
      must(again.refused.length === refused.length, 'what was refused is refused again')
      must(again.rollup.probes.size === rollup.probes.size, 'what was written can be read again')
      return [...(noSizes ? ['a size that no listing has'] : []), ...refused.map(kindOf)]
    },
  }
}

/** The objects, each once, in the order of a listing; what has a size that the store refuses is none. */
function listedIn(text: string) {
  const lines = text.split('\n').map((line) => {
    const [size = '', ...name] = line.split(' ')
    return { key: FOLDER + name.join(' '), sizeBytes: size === '' ? Number.NaN : Number(size) }
  })
  const listed = lines.filter(({ sizeBytes }) => Number.isSafeInteger(sizeBytes) && sizeBytes >= 0)
  const byKey = new Map(listed.map((each) => [each.key, each]))
  return {
    listed: [...byKey.values()].sort((a, b) => compareKeys(a.key, b.key)),
    noSizes: listed.length < lines.length,
  }
}

/** A bucket that lists these, and gives a file without devices for each; it notes which were asked for. */
function bucketOf(listed: readonly Listed[]): { store: Store; got: string[] } {
  const own = storeOf({})
  const got: string[] = []
  const store: Store = {
    ...own,
    async *list() {
      for (const each of listed) yield { ...each, etag: 'e', modified: WRITTEN }
    },
    async get(key) {
      if (!key.startsWith('presences/')) return own.get(key)
      got.push(key)
      return { bytes: NOBODY, etag: 'e' }
    },
  }
  return { store, got }
}

/** Each object is fetched or refused by name, the first that are looked at; what is fetched is one of this day. */
function mustBeOneOrTheOther(
  listed: readonly Listed[],
  got: ReadonlySet<string>,
  refused: readonly { key: string; reason: string }[],
): void {
  const looked = listed.slice(0, SMALL.roomDayKeys)
  const beyond = listed.slice(SMALL.roomDayKeys)
  const named = new Set(refused.map(({ key }) => key))
  for (const { key } of looked) {
    must(key.endsWith('/') || got.has(key) || named.has(key), 'no object is passed over in silence')
    if (got.has(key)) must(isOfThisDay(key), 'only what is of this room and day is fetched')
  }
  must(!beyond.some(({ key }) => got.has(key)), 'no more objects than there may be are looked at')
  must(beyond.length === 0 || named.has(FOLDER), 'it says that there are too many')
  must(
    refused.every(({ reason }) => reason !== ''),
    'it says why',
  )
}

/** A plain reading of a name; the day file has none. No hour is 24, whatever a calendar makes of it. */
function isOfThisDay(key: string): boolean {
  const name = key.slice(FOLDER.length)
  if (name === '') return true
  const [, ...parts] =
    /^\/(\d{4})(\d\d)(\d\d)T([01]\d|2[0-3])(\d\d)Z-[A-Za-z0-9][\w.-]{0,63}\.tsv$/.exec(name) ?? []
  if (parts.length < 5) return false
  const [year, month, date, hour, minute] = parts
  const at = Date.parse(`${year}-${month}-${date}T${hour}:${minute}:00Z`)
  return at >= DAY_STARTS && at < DAY_ENDS && at <= LAST_MINUTE
}

/** What is fetched keeps each limit; and nothing of this day is left that they have room for. */
function mustKeepLimits(listed: readonly Listed[], got: ReadonlySet<string>): void {
  const probes = new Set<string>()
  let bytes = 0
  for (const { key, sizeBytes } of listed.slice(0, SMALL.roomDayKeys)) {
    if (!isOfThisDay(key)) continue
    const probe = key === FOLDER ? undefined : key.slice(FOLDER.length + '/20261122T0712Z-'.length)
    const most = probe === undefined ? SMALL.dayFileBytes : SMALL.minuteFileBytes
    const isNew = probe !== undefined && !probes.has(probe)
    const fits =
      sizeBytes <= most &&
      bytes + sizeBytes <= SMALL.roomDayBytes &&
      !(isNew && probes.size >= SMALL.roomDayProbes)
    must(got.has(key) === fits, `what ${fits ? 'fits is' : 'does not fit is not'} fetched`)
    if (!fits) continue
    bytes += sizeBytes
    if (probe !== undefined) probes.add(probe)
  }
}

function kindOf({ reason }: { reason: string }): string {
  const known = ['not that of a minute', 'written before the minute', 'bytes', 'other probes']
  const objects = /^it has more than \d+ objects/.test(reason) ? 'objects' : undefined
  const found = objects ?? known.find((words) => reason.includes(words))
  must(found !== undefined, 'each reason is a known one')
  return found
}

export const DAY_FOLDER_TARGETS = [dayFolderTarget(refreshRollup)]

/** The aggregator's own objects in the store, as it meets them: its rollups, ledgers, history, jobs. */
import { deepEqual } from 'node:assert'
import { tellAlerts } from '@presences/aggregator/alerts/alert-book.ts'
import type { Alert } from '@presences/aggregator/alerts/alerts.ts'
import { readMemory, rememberNight } from '@presences/aggregator/charging/nightly-memory.ts'
import { DEFAULT_RULE } from '@presences/aggregator/domain/rule.ts'
import { LeaseError, takeLease } from '@presences/aggregator/ledger/lease.ts'
import { type DayLedger, emptyLedger } from '@presences/aggregator/ledger/ledger.ts'
import {
  decodeLedger,
  encodeLedger,
  formatLedgerKey,
  LedgerError,
} from '@presences/aggregator/ledger/ledger-codec.ts'
import { ledgerFirstDay } from '@presences/aggregator/ledger/ledger-store.ts'
import {
  decodeHistory,
  encodeHistory,
  HistoryError,
} from '@presences/aggregator/members/history-codec.ts'
import type { MapHistory } from '@presences/aggregator/members/map-history.ts'
import { logCauses } from '@presences/aggregator/probes/cause-book.ts'
import { emptyRollup } from '@presences/aggregator/rollup/day-rollup.ts'
import { mergeDayFile, mergeMinuteFile } from '@presences/aggregator/rollup/raw-object.ts'
import {
  decodeRollup,
  encodeRollup,
  formatRollupKey,
  RollupError,
} from '@presences/aggregator/rollup/rollup-codec.ts'
import { StoreError } from '@presences/aggregator/store/store.ts'
import type { Withdrawals } from '@presences/aggregator/withdrawal/withdrawals.ts'
import {
  decodeWithdrawals,
  encodeWithdrawals,
  WithdrawnError,
} from '@presences/aggregator/withdrawal/withdrawn-codec.ts'
import { type DayWindow, dayWindow, type LocalDay, type Mac } from '@presences/shared'
import { must, READ, type Refusals, type Target } from '../engine/target.ts'
import { bomb, gunzipped, gzipped, NO_GZIP } from './gzip.ts'
import { storeOf } from './store-in-memory.ts'

const DAY = '2026-11-22' as LocalDay
const PARIS = 'Europe/Paris'
const NOW = new Date('2026-11-22T21:15:00Z')

/** A codec's value, as it is written and as it is read again, must stay the same. */
function mustComeBack<Value>(
  value: Value,
  encode: (value: Value) => Uint8Array,
  decode: (bytes: Uint8Array) => Value,
): void {
  const bytes = encode(value)
  const again = decode(bytes)
  must(isEqual(again, value), 'what it read is what it writes')
  must(Buffer.compare(encode(again), bytes) === 0, 'the same value has the same bytes')
}

/** -0 is 0, in JSON and here. */
function isEqual(a: unknown, b: unknown): boolean {
  try {
    deepEqual(a, b)
    return true
  } catch {
    return false
  }
}

const rollupKey = formatRollupKey('poulailler', DAY)
const sampleRollup = rollupOf(dayWindow(DAY, PARIS))

function rollupOf(window: DayWindow) {
  const rollup = emptyRollup('poulailler', window)
  const name = { location: 'poulailler', day: DAY, minute: window.start + 492, probe: 'box' }
  const text = `# devices=2 partial=eth1\n${DAY}T08:12:04+01:00\tAA:BB:CC:DD:EE:01\nbroken\n`
  mergeMinuteFile(rollup, name, { key: 'presences/a', etag: 'e1', bytes: Buffer.from(text) })
  const day = Buffer.from(`${DAY}T09:00:00+01:00 AA:BB:CC:DD:EE:02\n`)
  mergeDayFile(rollup, { key: 'presences/b', etag: 'e2', bytes: day })
  return rollup
}

function readRollup(bytes: Uint8Array): Refusals {
  const rollup = decodeRollup(bytes, rollupKey, PARIS)
  const decode = (again: Uint8Array) => decodeRollup(again, rollupKey, PARIS)
  mustComeBack(rollup, (value) => encodeRollup(value, PARIS), decode)
  return READ
}

const sampleLedger: DayLedger = {
  ...emptyLedger(DAY),
  lookedAt: '2026-11-22T21:15:00.000Z',
  coverage: [
    { location: 'poulailler', lookedMinutes: 840, openMinutes: 840 },
    { location: 'pti-poulailler', lookedMinutes: undefined, openMinutes: 840 },
  ],
  incomplete: ['pti-poulailler'],
  entries: [
    {
      run: { id: 'r1', kind: 'nightly', by: 'timer on box' },
      email: 'ana+1@example.org',
      at: '2026-11-22T21:15:00.000Z',
      computed: 0.5,
      decision: 'post',
      reason: 'first charge: 3 slots',
      outcome: 'posted',
      answer: 'OK',
      person: { value: 1.5, comment: 'was here', author: undefined },
      evidence: {
        slots: [48, 49, 50],
        devices: [
          {
            mac: 'AA:BB:CC:DD:EE:01' as Mac,
            location: 'poulailler',
            minutes: 3,
            slots: [48, 49, 50],
            source: 'map',
          },
        ],
        rule: DEFAULT_RULE,
      },
    },
  ],
}
const ledgerKey = formatLedgerKey(DAY)

function readLedgerBytes(bytes: Uint8Array): Refusals {
  const ledger = decodeLedger(bytes, ledgerKey)
  mustComeBack(ledger, encodeLedger, (again) => decodeLedger(again, ledgerKey))
  return READ
}

const sampleHistory: MapHistory = {
  firstObservedOn: '2026-11-01' as LocalDay,
  observedOn: DAY,
  intervals: new Map([
    [
      'AA:BB:CC:DD:EE:01' as Mac,
      [
        {
          owner: { kind: 'member', email: 'ana@example.org', name: 'Ana' },
          from: '2026-11-01' as LocalDay,
          until: '2026-11-10' as LocalDay,
          origin: 'audit',
          registeredOn: '2026-11-01' as LocalDay,
        },
        {
          owner: { kind: 'excluded', name: 'Coworking Metz' },
          from: '2026-11-11' as LocalDay,
          until: undefined,
          origin: 'map',
          registeredOn: '2026-11-12' as LocalDay,
        },
      ],
    ],
  ]),
  people: new Map([['member1', 'ana@example.org']]),
  renames: [{ from: 'ana@old.example.org', to: 'ana@example.org', on: '2026-11-05' as LocalDay }],
}

function readHistoryBytes(bytes: Uint8Array): Refusals {
  mustComeBack(decodeHistory(bytes), encodeHistory, decodeHistory)
  return READ
}

const said = { id: 'w1', at: '2026-11-22T21:15:00.000Z', by: 'ana', because: 'box stolen' }
const sampleWithdrawals: Withdrawals = {
  withdrawn: [
    { ...said, location: 'poulailler', from: 29_389_000, to: 29_389_060 },
    { ...said, id: 'w2', location: 'poulailler', probe: 'box', from: 29_389_000, to: 29_390_000 },
  ],
  restored: [{ ...said, id: 'r1', restores: 'w1' }],
}

function readWithdrawalsBytes(bytes: Uint8Array): Refusals {
  mustComeBack(decodeWithdrawals(bytes), encodeWithdrawals, decodeWithdrawals)
  return READ
}

const jsonOf = (bytes: Uint8Array) => gunzipped(bytes).toString('utf8')
const rollupBytes = encodeRollup(sampleRollup, PARIS)
const ledgerBytes = encodeLedger(sampleLedger)
const historyBytes = encodeHistory(sampleHistory)

/** The JSON within, changed and packed again: damage that the checksum does not tell. */
function codec(
  name: string,
  reader: string,
  bytes: readonly Uint8Array[],
  error: NonNullable<Target['errors']>[number],
  read: (bytes: Uint8Array) => Refusals,
): Target[] {
  return [
    {
      name,
      reader,
      seeds: bytes.map(jsonOf),
      json: true,
      share: 22,
      errors: [error],
      nameOf: damageIn,
      read: (input) => read(gzipped(input)),
    },
    {
      name: `${name}, packed`,
      reader,
      seeds: [...bytes, bomb(1), gzipped(Buffer.from('null'))],
      share: 12,
      errors: [error],
      nameOf: damageIn,
      isSlow: true,
      read,
    },
  ]
}

/** What is wrong with the object: the field, where the schema names one. */
function damageIn({ name, message }: Error): string {
  const cause = message.slice(message.indexOf(': ') + 2)
  const known = DAMAGES.find(([sign]) => sign.test(cause))
  return `${name}: ${known ? known[1] : fieldOf((/^[^:]*/.exec(cause)?.[0] ?? '').split('.'))}`
}

const DAMAGES: readonly (readonly [RegExp, string])[] = [
  [/^it has version/, 'another version'],
  [/^it was made for TIMEZONE/, 'another time zone'],
  [/^it is (?:not of this place|of another day)/, 'another place or day'],
  [/^Cannot create a Buffer/, 'too large'],
  [/JSON/, 'no JSON'],
  [new RegExp(`^${NO_GZIP.source}`), 'no gzip'],
]

/** The same of an error that has zod's, or that of JSON, for its cause. */
function damageBelow({ name, message, cause }: Error): string {
  if (cause instanceof SyntaxError) return `${name}: no JSON`
  const [issue] = (Object(cause) as { issues?: { path: PropertyKey[] }[] }).issues ?? []
  return `${name}: ${issue ? fieldOf(issue.path.map(String)) : message}`
}

/** `entries.#.at`: places in a list are one, and so is what stands below a name that the input may choose. */
function fieldOf([first = '', ...rest]: readonly string[]): string {
  if (first === '') return 'not an object'
  if (/^(?:probes|devices|faults)$/.test(first)) return rest.length > 0 ? `${first}.*` : first
  return [first, ...rest.map((part) => (/^\d+$/.test(part) ? '#' : part))].join('.').slice(0, 60)
}

const memory: Target = {
  name: 'nightly memory',
  reader: 'aggregator/src/charging/nightly-memory.ts',
  seeds: [
    '{"version":1,"lastRun":"2026-11-21","openDays":["2026-11-01","2026-11-20"]}',
    '{"version":1,"openDays":[]}',
  ],
  json: true,
  share: 25,
  errors: [StoreError],
  nameOf: damageBelow,
  async read(input) {
    const store = storeOf({ 'jobs/nightly.json': input })
    const aside = {
      now: () => NOW,
      onSetAside: (message: string) => must(message !== '', 'it says'),
    }
    const read = await readMemory(store, aside)
    if (!read) return ['set aside']
    must((await rememberNight(store, read)) === undefined, 'it is stored')
    const again = (await readMemory(store, aside)) ?? read
    must(again.lastRun === read.lastRun, 'the last run comes back')
    must(
      read.openDays.every((day) => again.openDays.includes(day)),
      'no open day is forgotten',
    )
    return READ
  },
}

const alertBook: Target = {
  name: 'alert book',
  reader: 'aggregator/src/alerts/alert-book.ts',
  seeds: [
    '{"version":1,"open":{"silent poulailler":"No minute file","post 2026-11-20 ana@example.org":"not posted"}}',
    '{"version":1,"open":{}}',
  ],
  json: true,
  share: 25,
  async read(input) {
    const store = storeOf({ 'jobs/alerts.json': input })
    const sent: Alert[] = []
    const warned: string[] = []
    const send = async (alert: Alert) => void sent.push(alert)
    const log = { debug() {}, info() {}, warn: (line: string) => warned.push(line), error() {} }
    const cause = { key: 'disk full', level: 'error' as const, text: 'The disk is full' }
    const told = () => sent.filter(({ level }) => level === 'error').length
    await tellAlerts([cause], () => true, { store, send, log, now: () => NOW })
    await tellAlerts([cause], () => true, { store, send, log, now: () => NOW })
    if (warned.some((line) => line.includes('it has version'))) return ['of another version']
    must(
      warned.every((line) => line.includes('it is kept as')),
      'a damaged book stops no alert',
    )
    must(told() <= 1, 'one cause is told once')
    const isKnown = told() === 0
    must(!isKnown || /disk full/.test(Buffer.from(input).toString('utf8')), 'a new cause is told')
    return isBook(input, (text) => typeof text === 'string')
      ? READ
      : ['damaged: taken for an empty one']
  },
}

const causeLog: Target = {
  name: 'log of causes',
  reader: 'aggregator/src/probes/cause-book.ts',
  seeds: [
    '{"version":1,"open":{"silent poulailler":{"text":"No minute file","at":1795335240000}}}',
    '{"version":1,"open":{}}',
  ],
  json: true,
  share: 25,
  async read(input) {
    const store = storeOf({ 'jobs/probe-log.json': input })
    const warned: string[] = []
    const log = { debug() {}, info() {}, warn: (line: string) => warned.push(line), error() {} }
    const cause = { key: 'disk full', level: 'error' as const, text: 'The disk is full' }
    const now = new Date('2026-11-22T07:14:00Z')
    await logCauses([cause], () => true, { store, log, now })
    await logCauses([cause], () => true, { store, log, now })
    if (warned.some((line) => line.includes('it has version'))) return ['of another version']
    const told = warned.filter((line) => line === cause.text).length
    must(told <= 1, 'one cause is logged once')
    const isKnown = told === 0
    must(!isKnown || /disk full/.test(Buffer.from(input).toString('utf8')), 'a new cause is logged')
    const isEntry = (entry: unknown) => {
      const { text, at } = Object(entry) as { text?: unknown; at?: unknown }
      return typeof text === 'string' && Number.isFinite(at)
    }
    return isBook(input, isEntry) ? READ : ['damaged: taken for an empty one']
  },
}

function isBook(input: Uint8Array, isEntry: (entry: unknown) => boolean): boolean {
  try {
    const book = JSON.parse(Buffer.from(input).toString('utf8')) as {
      version: unknown
      open: object
    }
    return book.version === 1 && Object.values(book.open).every(isEntry)
  } catch {
    return false
  }
}

const lease: Target = {
  name: 'lease',
  reader: 'aggregator/src/ledger/lease.ts',
  seeds: [
    '{"version":1,"holder":"other","what":"nightly by timer","since":"2026-11-22T21:14:00.000Z","until":"2026-11-22T21:20:00.000Z"}',
    '{"version":1,"holder":null,"what":"nightly by timer","since":"2026-11-22T20:14:00.000Z","until":"2026-11-22T20:20:00.000Z"}',
  ],
  json: true,
  share: 20,
  errors: [StoreError, LeaseError],
  nameOf: damageBelow,
  async read(input) {
    const store = storeOf({ 'jobs/charging.json': input })
    let now = NOW.getTime()
    const clock = {
      now: () => new Date(now),
      sleep: async (ms: number) => {
        now += Math.max(ms, 60_000)
      },
      every: () => () => {},
    }
    const run = { id: 'mine', kind: 'upload', by: 'test' }
    const says = ({ message }: { message: string }) => must(message !== '', 'it says')
    const aside = {
      now: clock.now,
      onSetAside: (message: string) => must(message !== '', 'it says'),
    }
    const taken = await takeLease(store, run, clock, says, aside)
    // No run holds it for so long: what says more was written by a clock that was wrong.
    must(now - NOW.getTime() <= 13 * 60_000, 'a lease that is over is taken')
    await taken.renew()
    await taken.release()
    return now === NOW.getTime() ? READ : ['waited for another run']
  },
}

const ledgerStart: Target = {
  name: 'ledger start',
  reader: 'aggregator/src/ledger/ledger-store.ts',
  seeds: ['{"version":1,"firstDay":"2026-11-01"}'],
  json: true,
  share: 25,
  errors: [LedgerError],
  nameOf: damageBelow,
  async read(input) {
    const aside = {
      now: () => NOW,
      onSetAside: (message: string) => must(message !== '', 'it says'),
    }
    const first = await ledgerFirstDay(storeOf({ 'ledger/start.json': input }), DAY, aside)
    must(/^\d{4}-\d\d-\d\d$/.test(first), 'it is a day')
    return READ
  },
}

export const STORED_TARGETS = [
  ...codec(
    'rollup',
    'aggregator/src/rollup/rollup-codec.ts',
    [rollupBytes],
    RollupError,
    readRollup,
  ),
  ...codec(
    'ledger',
    'aggregator/src/ledger/ledger-codec.ts',
    [ledgerBytes],
    LedgerError,
    readLedgerBytes,
  ),
  ...codec(
    'member history',
    'aggregator/src/members/history-codec.ts',
    [historyBytes],
    HistoryError,
    readHistoryBytes,
  ),
  ...codec(
    'withdrawals',
    'aggregator/src/withdrawal/withdrawn-codec.ts',
    [encodeWithdrawals(sampleWithdrawals)],
    WithdrawnError,
    readWithdrawalsBytes,
  ),
  memory,
  alertBook,
  causeLog,
  lease,
  ledgerStart,
]

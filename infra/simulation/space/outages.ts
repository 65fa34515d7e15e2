/** What is down, behind or against its word around the programs, and until when: the ticket server and the bucket. */
import type { Random } from '../../random.ts'
import type { StoreTroubles } from '../bucket/store-troubles.ts'
import type { Faults } from '../faults/faults.ts'
import type { Trail } from '../runtime/trail.ts'
import type { VirtualTime } from '../runtime/virtual-time.ts'
import type { LineTroubles } from '../tickets/ticket-line.ts'

export interface Outages {
  /** Draws those that begin today; more of them, where no run will ask tonight. */
  beginDay(isDark: boolean): void
  /** Nobody is told today what people did. */
  isAuditDown(): boolean
  /** The ticket server answers nothing, or does again. */
  cut(isCut: boolean): void
  isCut(): boolean
  /** For so long nobody is told what people did. */
  silence(ms: number): void
  /** For so long each answer of the ticket server takes `delayMs`. */
  slow(ms: number, delayMs: number): void
  /** For so long the bucket's listings are behind. */
  lag(ms: number): void
  /** True when a listing may lack what was written of late. */
  isBehind(): boolean
  ofStore(): StoreTroubles
  ofLine(): LineTroubles
  /** From now on things fail, or nothing does. */
  setFaults(faults: Faults): void
}

export interface OutageDeps {
  readonly time: VirtualTime
  readonly random: Random
  readonly note: Trail['note']
  /** Those it begins with. */
  readonly faults: Faults
}

const MS_PER_HOUR = 3_600_000
/** People act at three in the morning; this is shortly before the evening's run. */
const UNTIL_EVENING_MS = 18.9 * MS_PER_HOUR

export function createOutages({ time, random, note, faults: begins }: OutageDeps): Outages {
  let faults = begins
  let hasCut = false
  let slowMs = 0
  const until = { tickets: 0, storing: 0, bucket: 0, audit: 0, lag: 0, slow: 0 }
  const isOn = (what: keyof typeof until) => time.now() < until[what]
  return {
    beginDay,
    isAuditDown: () => isOn('audit'),
    silence: (ms) => {
      until.audit = time.now() + ms
    },
    isCut: () => hasCut,
    cut: (isCut) => {
      hasCut = isCut
    },
    slow: (ms, delayMs) => {
      until.slow = time.now() + ms
      slowMs = delayMs
    },
    lag: (ms) => {
      until.lag = time.now() + ms
    },
    isBehind: () => isOn('lag') || faults['stale-lists'] > 0,
    ofStore,
    ofLine,
    setFaults: (next) => {
      faults = next
      for (const what of Object.keys(until) as (keyof typeof until)[]) until[what] = 0
    },
  }

  function beginDay(isDark: boolean): void {
    const chance = random.fork(`day ${time.now()}`)
    const begin = (what: keyof typeof until, hours: number, words: string) => {
      until[what] = time.now() + UNTIL_EVENING_MS + hours * MS_PER_HOUR
      note(`${words} until ${new Date(until[what]).toISOString()}`)
    }
    if (chance.chance(faults.outage * 0.1)) {
      const hours = chance.chance(0.3) ? chance.between(3, 96) : chance.next()
      begin('tickets', hours, 'ticket server down')
    }
    if (chance.chance(faults.outage * 0.15)) {
      begin('storing', chance.next() * 3, 'ticket server stores nothing')
    }
    if (chance.chance(faults.audit * (isDark ? 0.6 : 0.3)))
      begin('audit', chance.next() * 60, 'audit down')
    if (chance.chance(faults.bucket * 0.05)) begin('bucket', chance.next() * 30, 'bucket down')
  }

  function ofStore(): StoreTroubles {
    return {
      isDown: () => isOn('bucket'),
      get: faults.bucket * 0.0005,
      list: faults.bucket * 0.01,
      put: faults.bucket * 0.02,
      staleList: isOn('lag') ? 0.9 : faults['stale-lists'] * 0.5,
      unlisted: isOn('lag') ? 0.9 : 0.5,
      staleGet: faults['stale-gets'] * 0.5,
      now: time.now(),
      lostAnswer: faults['lost-answers'] * 0.1,
      conditions: conditionsOf(faults),
    }
  }

  function ofLine(): LineTroubles {
    return {
      isDown: () => hasCut || isOn('tickets'),
      isReadOnly: () => isOn('storing'),
      request: faults.tickets * 0.4,
      map: faults['bad-map'] * 0.2,
      audit: isOn('audit') ? 1 : faults.audit * 0.5,
      delayMs: isOn('slow') ? slowMs : 0,
    }
  }
}

function conditionsOf(faults: Faults): StoreTroubles['conditions'] {
  if (faults['no-conditions'] > 0) return 'refused'
  return faults['ignored-conditions'] > 0 ? 'ignored' : 'honoured'
}

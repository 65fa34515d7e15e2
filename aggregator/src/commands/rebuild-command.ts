/** `members rebuild`: who had which device, made again where it is lost or was put back from an old copy. */
import { ExitCode, type LocalDay } from '@presences/shared'
import { beginningsTold } from '../charging/ledger-lost.ts'
import { whileMending } from '../charging/while-leased.ts'
import { chargeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { type LedgerEntry, lastPostIn } from '../ledger/ledger.ts'
import { ledgerDays, readLedger } from '../ledger/ledger-store.ts'
import {
  decodeHistory,
  encodeHistory,
  HISTORY_KEY,
  HistoryError,
} from '../members/history-codec.ts'
import type { MapHistory } from '../members/map-history.ts'
import { observeMap } from '../members/observe-map.ts'
import { type ChargedOn, rebuildHistory } from '../members/rebuild-history.ts'
import { type Store, type StoredObject, StoreError } from '../store/store.ts'
import { chargingKit } from '../wiring.ts'
import { setUp, whoAsks } from './setup.ts'

/** The first day of the trail: before any space had one. */
const TRAIL_FROM = '2024-10-01' as LocalDay

export interface RebuildOptions {
  readonly dryRun: boolean
  readonly acceptMap: boolean
}

/**
 * Prints how many devices are known over which days, and how many are in doubt. Throws MemberMapRefused where the map
 * lost most of the devices of a history that can be read, LeaseError, ClockError, StoreError, LedgerError, and what
 * reading the map or the audit trail throws: then nothing was written.
 */
export async function rebuildCommand(
  { dryRun, acceptMap }: RebuildOptions,
  effects: Effects,
): Promise<ExitCode> {
  const { config, log, today } = setUp(chargeConfig, effects)
  const kit = chargingKit(config, effects, log)
  const rebuild = async (store: Store) => {
    const map = await kit.readMap()
    const who = await kit.whoIsWho()
    // A broken map must not replace what is known.
    const before = await store.get(HISTORY_KEY)
    const known = before && readable(before.bytes)
    if (known) observeMap(known, map, today, { acceptShrunk: acceptMap })
    const trail = await kit.tickets.auditTrail(TRAIL_FROM)
    for (const fault of trail.faults) log.warn(fault)
    const days = (await ledgerDays(store)).filter((day) => day < today)
    const emails = new Map(who.people?.map(({ id, email }) => [id, email]))
    const charges: ChargedOn[] = []
    for (const day of days) charges.push(...(await chargesOn(day, store, emails)))
    const events = trail.devices
    const since = await beginningsTold(store, known?.chargedSince)
    const chargedSince = since.find((day) => day <= today)
    const { history, inDoubt } = rebuildHistory({
      ...who,
      map,
      today,
      events,
      timeZone: config.TIMEZONE,
      charges,
      ...(chargedSince && { chargedSince }),
    })
    await replace(store, before, encodeHistory(history), effects.now())
    const changed = changedIn(known?.intervals ?? new Map(), history.intervals)
    const over = days[0] === undefined ? 'no ledger' : `ledgers of ${days[0]} to ${days.at(-1)}`
    effects.printLine(
      `${history.intervals.size} devices from the map, ${events.length} device events and ${over}: ${changed} changed, ${inDoubt.length} in doubt`,
    )
    return inDoubt.length + trail.faults.length === 0 ? ExitCode.done : ExitCode.partial
  }
  return whileMending(kit, { kind: 'members rebuild', by: whoAsks(effects), dryRun }, rebuild)
}

/** The devices of each member's last post of the day. */
async function chargesOn(
  day: LocalDay,
  store: Store,
  emails: ReadonlyMap<string, string>,
): Promise<ChargedOn[]> {
  const { entries } = (await readLedger(store, day)).value
  const whose = ({ member, email }: LedgerEntry) => member ?? email
  return [...new Set(entries.map(whose))].flatMap((one) => {
    const entry = lastPostIn(entries.filter((each) => whose(each) === one))?.entry
    if (!entry) return []
    const { member: id } = entry
    const email = (id !== undefined && emails.get(id)) || entry.email
    const owner = { kind: 'member' as const, email, name: email, ...(id !== undefined && { id }) }
    const macs = new Set(entry.evidence.devices.map(({ mac }) => mac))
    return [...macs].map((mac) => ({ day, mac, owner }))
  })
}

/** Keeps `before` aside, and writes `bytes` over it. Throws StoreError. */
async function replace(
  store: Store,
  before: StoredObject | undefined,
  bytes: Uint8Array,
  now: Date,
): Promise<void> {
  if (before) {
    const aside = `members/before-rebuild-${now.toISOString().replaceAll(':', '-')}.json.gz`
    await store.put(aside, before.bytes)
  }
  const condition = before ? { ifMatch: before.etag } : { ifAbsent: true as const }
  const { outcome } = await store.put(HISTORY_KEY, bytes, condition)
  if (outcome === 'unsupported') await store.put(HISTORY_KEY, bytes)
  else if (outcome !== 'written') {
    throw new StoreError(`Write ${HISTORY_KEY}: another run wrote it meanwhile. Run this again.`)
  }
}

/** How many devices have other days than before. */
function changedIn(before: MapHistory['intervals'], after: MapHistory['intervals']): number {
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (mac) => JSON.stringify(before.get(mac)) !== JSON.stringify(after.get(mac)),
  ).length
}

/** `undefined`: it can't be read. */
function readable(bytes: Uint8Array): MapHistory | undefined {
  try {
    return decodeHistory(bytes)
  } catch (error) {
    if (error instanceof HistoryError) return undefined
    throw error
  }
}

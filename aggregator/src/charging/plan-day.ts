/**
 * The story of one day's decisions: who was there, what was charged before, what a person set, and so what is to
 * be done for each member. Nothing is posted or written here; a preview ends here.
 */
import { dayWindow, type LocalDay } from '@presences/shared'
import pMap from 'p-map'
import type { Coverage } from '../domain/coverage.ts'
import type { Owners } from '../domain/ownership.ts'
import { type DayLedger, lastPostIn, meantIn } from '../ledger/ledger.ts'
import { LedgerError } from '../ledger/ledger-codec.ts'
import { readLedger } from '../ledger/ledger-store.ts'
import { lostDay } from '../ledger/lost-ledger.ts'
import { coverageOf, isIncomplete } from '../presence/coverage.ts'
import type { OwnerDay } from '../presence/presences.ts'
import { slotTable } from '../presence/slots.ts'
import { StoreError } from '../store/store.ts'
import type { Versioned } from '../store/write-merged.ts'
import { asSent, type RoomRead } from '../withdrawal/read-room.ts'
import { chargesIn, withoutContradiction } from './contradiction.ts'
import { type Histories, historiesOf, historiesOfGone } from './histories.ts'
import { type GonePlan, goneIn, withoutDone } from './nobody-to-charge.ts'
import type { PlanDeps } from './plan-deps.ts'
import { type MemberPlan, planMember } from './plan-member.ts'
import {
  checkWhole,
  type DayRead,
  DayUnreadable,
  lookedAt,
  presentOn,
  refreshDay,
  unreadRooms,
} from './read-day.ts'
import { withdrawnCauses } from './withdrawn-cause.ts'

export interface DayPlan extends DayRead {
  readonly day: LocalDay
  readonly members: readonly MemberPlan[]
  readonly coverage: readonly Coverage[]
  /** Locations that were looked at less than `MIN_COVERAGE`, or of which something could not be read. */
  readonly incomplete: readonly string[]
  readonly ledger: Versioned<DayLedger>
  /** Who owned which device that day, as far as this plan goes. */
  readonly owners: Owners
  /** Who was there and is no member any more, as far as the ledger does not say so yet: nobody can be charged. */
  readonly gone: readonly GonePlan[]
}

/** Members asked about at once: the ticket server may be asked for each. */
const MEMBERS_AT_ONCE = 4

/** Decides one day for all its members. Throws DayUnreadable. */
export async function planDay(day: LocalDay, owners: Owners, deps: PlanDeps): Promise<DayPlan> {
  return planRead(day, await refreshDay(day, deps), owners, deps)
}

/**
 * The same for a day whose rollups were read already, or for the members of `only`. What can't be read is waited for
 * until the day is over; from then on the other rooms are charged, for nothing may hold them back for good. Throws
 * DayUnreadable.
 */
export async function planRead(
  day: LocalDay,
  refreshed: readonly RoomRead[],
  owners: Owners,
  deps: PlanDeps,
  only?: ReadonlySet<string>,
): Promise<DayPlan> {
  if (deps.marks.lost.includes(day)) throw new DayUnreadable(day, lostDay(day))
  if (day >= deps.today) checkWhole(day, refreshed)
  return planOn(await readDayLedger(day, deps), refreshed, owners, deps, only)
}

/** A day's ledger. Throws DayUnreadable. */
export function readDayLedger(
  day: LocalDay,
  { store }: Pick<PlanDeps, 'store'>,
): Promise<Versioned<DayLedger>> {
  return readLedger(store, day).catch((error: unknown) => {
    if (error instanceof StoreError || error instanceof LedgerError)
      throw new DayUnreadable(day, error)
    throw error
  })
}

/** The same day, on the same ledger, as other owners make it: a bucket may show an older one at another read. */
export function planFor(
  owners: Owners,
  { ledger, refreshed }: DayPlan,
  deps: PlanDeps,
  only?: ReadonlySet<string>,
): Promise<DayPlan> {
  return planOn(ledger, refreshed, owners, deps, only)
}

async function planOn(
  ledger: Versioned<DayLedger>,
  refreshed: readonly RoomRead[],
  given: Owners,
  deps: PlanDeps,
  only?: ReadonlySet<string>,
): Promise<DayPlan> {
  const { day } = ledger.value
  const histories = historiesOf(ledger.value, deps)
  const owners = withoutContradiction(given, [
    ...chargesIn(histories, (email) => email),
    ...chargesIn(historiesOfGone(ledger.value, deps), (_, { email }) => email),
  ])
  const read = presentOn(day, refreshed, owners, deps)
  const unread = unreadRooms(refreshed)
  const isWhole = unread.length === 0
  const withdrawn = withdrawnCauses(day, refreshed, owners, deps.settings)
  const candidates = candidatesOf(read, isWhole, histories).filter(
    ([email]) => only?.has(email) ?? true,
  )
  const members = await pMap(
    candidates,
    ([email, seen]) => {
      const history = histories.get(email) ?? []
      return planMember({ day, email, seen, owners, isWhole, history, refreshed, withdrawn }, deps)
    },
    { concurrency: MEMBERS_AT_ONCE },
  )
  const coverage = coverageNow(day, refreshed, deps)
  // No later look completes what was withdrawn.
  const sent = refreshed.map((room) => ({ ...room, rollup: asSent(room) }))
  const tooLittle = coverageNow(day, sent, deps)
    .filter((each) => isIncomplete(each, deps.minCoveragePercent))
    .map(({ location }) => location)
  const incomplete = [...new Set([...tooLittle, ...unread])].sort()
  // They are told of when the whole day is.
  const gone = only ? [] : goneIn(read.presences, ledger.value, deps.settings)
  const presences = withoutDone(read.presences, ledger.value)
  return { ...read, presences, day, members, coverage, incomplete, ledger, owners, gone }
}

/**
 * Who was seen, and who was charged once and is not seen now: that too is for a person to look at. So is who was to be
 * charged; where a room could not be read they may be there, and a later run sees.
 */
function candidatesOf(
  { presences }: DayRead,
  isWhole: boolean,
  histories: Histories,
): [string, OwnerDay | undefined][] {
  const seen = new Map<string, OwnerDay | undefined>(
    presences.members.map((member) => [member.email, member]),
  )
  for (const [email, history] of histories) {
    const isAsked = lastPostIn(history) ?? (isWhole ? meantIn(history).at(-1) : undefined)
    if (!seen.has(email) && isAsked) seen.set(email, undefined)
  }
  return [...seen].sort(([a], [b]) => (a < b ? -1 : 1))
}

function coverageNow(day: LocalDay, refreshed: readonly RoomRead[], deps: PlanDeps): Coverage[] {
  const { timeZone, rule } = deps.settings
  const window = dayWindow(day, timeZone)
  const table = slotTable(window, timeZone, rule.openingHours)
  const rollups = lookedAt(day, refreshed, deps.activity)
  return coverageOf(rollups, { window, table, now: deps.now() })
}

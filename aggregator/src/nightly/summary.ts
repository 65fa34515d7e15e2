/** From what a run did to its numbers and to the causes for an alert. Pure. */
import type { Cause } from '../alerts/alerts.ts'
import { damagedLines, damagedObjects } from '../charging/raw-faults.ts'
import { hasNoData, unreadRooms } from '../charging/read-day.ts'
import { type DaySettled, hasFailed, type MemberSettled } from '../charging/settle-day.ts'
import type { NightlyUploaded, Uploaded } from '../charging/upload.ts'
import type { Decided } from '../ledger/decide.ts'
import { coveragePercent } from '../presence/coverage.ts'
import { incompleteLines, unchargeableLines, unreadLines } from '../reports/day-lines.ts'
import { proposalLine } from '../reports/device-lines.ts'
import { memberLine } from '../reports/member-line.ts'
import { ignoredLines, waitingLines } from '../reports/room-lines.ts'
import type { Strangers } from '../rooms/rooms.ts'
import type { NightlyCounts } from './nightly-line.ts'

type Run = Uploaded & Partial<NightlyUploaded>

/** The numbers of the nightly line. */
export function countsOf(run: Run): NightlyCounts {
  const { days, caughtUp, proposals = [] } = run
  const charged = days.flatMap(({ members }) => members.filter(isCharged))
  return {
    members: charged.length,
    tickets: charged.reduce((sum, { computed }) => sum + computed, 0),
    coveragePercent: coveragePercent(days.flatMap(({ coverage }) => coverage)),
    daysCaughtUp: (caughtUp?.days ?? []).filter(({ members }) =>
      members.some(({ outcome }) => outcome === 'posted'),
    ).length,
    roomDaysWithdrawn: allDays(run).flatMap(({ refreshed }) =>
      refreshed.filter(({ withdrawn }) => withdrawn?.isFelt),
    ).length,
    todo: {
      failedPosts: membersOf(run).filter(hasFailed).length,
      unreadableDays: unreadableOf(run).length,
      unasked: run.rechecked.unasked.length,
      covered: heldFor('covered', membersOf(run)).length,
      heldToLook: heldFor('lower', membersOf(run)).length,
      heldToRetry: heldFor('unreadable', membersOf(run)).length,
      lost: heldFor('lost', membersOf(run)).length,
      uncharged: new Set(
        allDays(run).flatMap(({ presences }) =>
          presences.unchargeable.map(({ owner }) => owner.name),
        ),
      ).size,
      gone: new Set(allDays(run).flatMap(({ gone }) => gone.map(({ was }) => was.id))).size,
      lostDevices: run.lostDevices,
      daysWithoutData: firstLooks(run).filter(hasNoData).length,
      roomsNotLookedAt: new Set(days.flatMap(roomsNotLookedAt)).size,
      roomsUnread: new Set(allDays(run).flatMap(({ refreshed }) => unreadRooms(refreshed))).size,
      damagedFiles: allDays(run).reduce((sum, day) => sum + damagedObjects(day), 0),
      damagedLines: allDays(run).reduce((sum, day) => sum + damagedLines(day), 0),
      roomsWaiting: run.strangers.waiting.length,
      foldersIgnored: run.strangers.ignored.length,
      proposals: new Set(proposals.map(({ mac }) => mac)).size,
      unremembered: run.unremembered ? 1 : 0,
      setAside: run.setAside.length,
    },
  }
}

/** What somebody should be told, once each. Proposals are no alarm: they wait in the nightly line. */
export function causesOf(run: Run): Cause[] {
  const retries = countsOf(run).todo.heldToRetry
  return [
    ...allDays(run).flatMap(causesOfDay),
    ...run.rechecked.days.flatMap(causesOfMembers),
    ...unreadableOf(run).map(({ day, message }) => cause('error', `unreadable ${day}`, message)),
    ...(run.unremembered ? [cause('error', 'memory', run.unremembered)] : []),
    ...strangerCauses(run.strangers),
    ...run.setAside.map((message) => cause('warning', `set aside ${message}`, message)),
    ...(retries > 0
      ? [
          cause(
            'warning',
            'ask',
            `${retries} amounts are held until the ticket server can be asked`,
          ),
        ]
      : []),
  ]
}

/**
 * Whether a nightly run would have found an open cause again. Not what depends on a day it did not look at or could
 * not read, nor a hold when people's corrections could not be asked for.
 */
export function isCheckedBy(run: Run): (key: string) => boolean {
  const looked = new Set(allDays(run).map(({ day }) => String(day)))
  const canTell = countsOf(run).todo.heldToRetry === 0
  return (key) => {
    const [kind, day = ''] = key.split(' ')
    if ((kind === 'hold' || kind === 'covered' || kind === 'lost') && !canTell) return false
    const ofDays = ['post', 'hold', 'covered', 'lost', 'unreadable', 'unread']
    return !ofDays.includes(kind ?? '') || looked.has(day)
  }
}

/** True when everybody who should have been charged was, and nothing is left that nobody would know of. */
export function isComplete(run: Run): boolean {
  const { todo } = countsOf(run)
  const hasData = run.days.length === 0 || !run.days.every(hasNoData)
  const left = [
    todo.failedPosts,
    todo.unreadableDays,
    todo.covered,
    todo.unasked,
    todo.heldToRetry,
    todo.lost,
    todo.uncharged,
    todo.roomsUnread,
    todo.damagedFiles,
    todo.damagedLines,
    todo.unremembered,
  ]
  return left.every((count) => count === 0) && hasData
}

/** One line for each late registration, with the command to run. */
export function proposalLines({ proposals = [] }: Run): string[] {
  return proposals.map(proposalLine)
}

/** The first few by name, each over when it is accepted, or gone. */
function strangerCauses(strangers: Strangers): Cause[] {
  return [
    ...waitingLines(strangers).map((line, index) =>
      cause('warning', `waiting ${strangers.waiting[index] ?? 'more'}`, line),
    ),
    ...ignoredLines(strangers).map((line) => cause('warning', 'ignored', line)),
  ]
}

function causesOfDay(settled: DaySettled): Cause[] {
  const { presences, day, refreshed } = settled
  return [
    ...causesOfMembers(settled),
    // By person, not by day: whoever has no e-mail has none tomorrow.
    ...presences.unchargeable.map((owned) =>
      cause('warning', `uncharged ${owned.owner.name}`, unchargeableLines([owned]).join('')),
    ),
    ...roomsNotLookedAt(settled).map((location) =>
      cause('warning', `room ${location}`, incompleteLines(settled, location).join('')),
    ),
    ...unreadRooms(refreshed).map((location) =>
      cause('error', `unread ${day} ${location}`, unreadLines(settled, location).join('')),
    ),
    ...(hasNoData(settled)
      ? [cause('error', 'no data', `No location has any file for ${day}: check the boxes`)]
      : []),
  ]
}

function causesOfMembers({ day, members }: DaySettled): Cause[] {
  const told = (level: Cause['level'], kind: string, chosen: readonly MemberSettled[]) =>
    chosen.map((member) => cause(level, `${kind} ${day} ${member.email}`, memberLine(day, member)))
  return [
    ...told('error', 'post', members.filter(hasFailed)),
    ...told('error', 'covered', heldFor('covered', members)),
    ...told('error', 'lost', heldFor('lost', members)),
    ...told('warning', 'hold', heldFor('lower', members)),
  ]
}

/** What could not be read is told as such. */
function roomsNotLookedAt({ incomplete, refreshed }: DaySettled): string[] {
  const unread = unreadRooms(refreshed)
  return incomplete.filter((location) => !unread.includes(location))
}

function heldFor(why: Decided['holdFor'], members: readonly MemberSettled[]): MemberSettled[] {
  return members.filter(({ decided }) => decided.holdFor === why)
}

function cause(level: Cause['level'], key: string, text: string): Cause {
  return { key, level, text }
}

/** Charged by now, whether this run posted it or found it so. */
function isCharged({ computed, decided, outcome }: MemberSettled): boolean {
  const isSo = decided.decision === 'skip' && !decided.isClosed
  return computed > 0 && (isSo || outcome === 'posted')
}

/** The days that were asked for, and those that would have been, had nights run. */
function firstLooks({ days, caughtUp, missedFrom }: Run): DaySettled[] {
  const missed = (caughtUp?.days ?? []).filter(({ day }) => missedFrom && day >= missedFrom)
  return [...days, ...missed]
}

function allDays({ days, caughtUp }: Run): DaySettled[] {
  return [...days, ...(caughtUp?.days ?? [])]
}

/** As they were decided last: what a person did meanwhile outweighs the decision before it. */
function membersOf(run: Run): MemberSettled[] {
  const decided = [...allDays(run), ...run.rechecked.days].flatMap(({ day, members }) =>
    members.map((member) => [`${day} ${member.email}`, member] as const),
  )
  return [...new Map(decided).values()]
}

function unreadableOf({ unreadable, caughtUp }: Run) {
  return [...unreadable, ...(caughtUp?.unreadable ?? [])]
}

/**
 * The story of `upload`: the days that were asked for, then, for the nightly run, what the last days left undone.
 * What came of it is a value: the command prints it, the nightly line counts it, alerts are made of it.
 */
import { addDays, daysBetween, type LocalDay } from '@presences/shared'
import type { Owners } from '../domain/ownership.ts'
import { type MapHistory, registeredSince } from '../members/map-history.ts'
import type { Strangers } from '../rooms/rooms.ts'
import { type CaughtUp, catchUp } from './catch-up.ts'
import {
  type NightlyMemory,
  recallMemory,
  rememberNight,
  rememberOpenDays,
} from './nightly-memory.ts'
import { planDay } from './plan-day.ts'
import { type NumberedProposal, numberProposals } from './proposal-book.ts'
import { PROPOSED_DAYS, proposeReplays } from './proposals.ts'
import type { Questions } from './questions.ts'
import { DayUnreadable, unreadRooms } from './read-day.ts'
import { type Rechecked, recheck } from './recheck.ts'
import { type DaySettled, isUndone, type SettleDeps, settleDay } from './settle-day.ts'
import { withoutStrangers } from './without-strangers.ts'

export interface UploadDeps {
  readonly deps: SettleDeps
  readonly history: MapHistory
  readonly lostDevices: number
  /** The run's questions, about days from one on that may be earlier than it was asked for. */
  readonly questionsFrom: (firstDay: LocalDay) => Questions
  readonly ownersOn: (day: LocalDay, lateFrom?: LocalDay) => Owners
  /** Told of each day as it is settled. */
  readonly onSettled: (settled: DaySettled) => void
  readonly onUnreadable: (error: DayUnreadable) => void
}

export interface Uploaded {
  readonly days: readonly DaySettled[]
  /** How many devices vanished from the member map, when they are more than a tenth; else 0. */
  readonly lostDevices: number
  /** What people did to days while they were posted. */
  readonly rechecked: Rechecked
  readonly unreadable: readonly DayUnreadable[]
  /** What of the notes about runs was damaged, and set aside: a sentence each. */
  readonly setAside: readonly string[]
  /** In words why the next nightly run will not know what this one left undone; `undefined` when it will. */
  readonly unremembered: string | undefined
  /** Folders that charged nobody. */
  readonly strangers: Strangers
}

export interface NightlyUploaded extends Uploaded {
  readonly caughtUp: CaughtUp
  /** The first day that no night had looked at before; `undefined`: today. */
  readonly missedFrom: LocalDay | undefined
  readonly proposals: readonly NumberedProposal[]
}

export interface CatchUpSettings {
  readonly catchUpDays: number
  readonly autoReplayDays: number
}

/** Settles the days that a person asked for; what is left undone, the nightly run looks at. */
export async function uploadAsked(
  days: readonly LocalDay[],
  upload: UploadDeps,
): Promise<Uploaded> {
  const run = await uploadDays(days, upload)
  const rechecked = await recheck(run.days, upload.deps)
  const openDays = openDaysOf(run.days, run.unreadable, rechecked, upload.deps)
  const unread = run.unreadable.map(({ day }) => day)
  const { lostDevices } = upload
  const { messages: setAside } = upload.deps.aside
  return {
    ...run,
    lostDevices,
    rechecked,
    setAside,
    strangers: upload.deps.strangers,
    unremembered: await rememberOpenDays(upload.deps, openDays, unread),
  }
}

/** Settles days one after another; one that can't be read does not keep the others back. */
async function uploadDays(
  days: readonly LocalDay[],
  upload: UploadDeps,
): Promise<Pick<Uploaded, 'days' | 'unreadable'>> {
  const settled: DaySettled[] = []
  const unreadable: DayUnreadable[] = []
  for (const day of days) {
    try {
      const plan = await planDay(day, upload.ownersOn(day), upload.deps)
      const result = await settleDay(plan, upload.deps)
      settled.push(withoutStrangers(result, upload.ownersOn(day)))
      upload.onSettled(result)
    } catch (error) {
      if (!(error instanceof DayUnreadable)) throw error
      unreadable.push(error)
      upload.onUnreadable(error)
    }
  }
  return { days: settled, unreadable }
}

/** The nightly run: today, then the last days again, then what late registrations would add. */
export async function uploadNightly(
  given: UploadDeps,
  givenPreview: SettleDeps,
  { catchUpDays, autoReplayDays }: CatchUpSettings,
): Promise<NightlyUploaded> {
  const { ownersOn, history, lostDevices } = given
  const memory = await recallMemory(given.deps)
  const { askedDays = [] } = memory
  // A day that was left undone long ago may have been corrected as long ago.
  const questions = given.questionsFrom([...memory.openDays].sort()[0] ?? given.deps.today)
  const deps = { ...given.deps, ...questions }
  const preview = { ...givenPreview, ...questions }
  const upload = { ...given, deps }
  const uploaded = await uploadDays([deps.today], upload)
  const lateFrom = addDays(deps.today, -autoReplayDays)
  const days = daysToCatchUp(memory, Math.max(catchUpDays, autoReplayDays), deps)
  const ownersThen: typeof ownersOn = (day, from) =>
    ownersOn(day, askedDays.includes(day) ? undefined : from)
  const caughtUp = await catchUp(days, ownersThen, lateFrom, deps)
  for (const day of caughtUp.days) upload.onSettled(day)
  for (const error of caughtUp.unreadable) upload.onUnreadable(error)
  const rechecked = await recheck([...uploaded.days, ...caughtUp.days], deps)
  const since = addDays(deps.today, -PROPOSED_DAYS)
  const past = daysBetween(since, addDays(deps.today, -1))
  const late = registeredSince(history, since, deps.ledgerFirstDay).map(({ mac }) => mac)
  const read = new Map(caughtUp.days.map(({ day, refreshed }) => [day, refreshed]))
  const found = await proposeReplays(new Set(late), past, read, ownersOn, preview)
  const proposals = await numberProposals(found, deps)
  const missedFrom = memory.lastRun && addDays(memory.lastRun, 1)
  const run = { ...uploaded, caughtUp, missedFrom, proposals, rechecked, lostDevices }
  const openDays = openDaysOf(
    [...run.days, ...caughtUp.days],
    [...run.unreadable, ...caughtUp.unreadable],
    rechecked,
    deps,
  )
  const unread = new Set(caughtUp.unreadable.map(({ day }) => day))
  const unremembered = await rememberNight(deps.store, {
    lastRun: deps.today,
    openDays,
    askedDays: askedDays.filter((day) => unread.has(day)),
  })
  const { strangers } = deps
  return { ...run, setAside: deps.aside.messages, strangers, unremembered }
}

/**
 * The last days, as each night since the last nightly run would have looked at them, what that run left undone, and a
 * day that has lost its ledger, however old: it is told until somebody did something. Days before the first ledger were
 * charged by the scripts before: they are for a person to replay.
 */
function daysToCatchUp(
  { lastRun, openDays }: NightlyMemory,
  lastDays: number,
  { today, ledgerFirstDay, marks }: SettleDeps,
): LocalDay[] {
  // A night that did not run would have looked at files that came then for days as far back.
  const firstNight = lastRun !== undefined && lastRun < today ? addDays(lastRun, 1) : today
  const first = addDays(firstNight, -lastDays)
  const last = daysBetween(first, addDays(today, -1)).filter((day) => day >= ledgerFirstDay)
  return [...new Set([...openDays, ...marks.lost, ...last])].filter((day) => day < today).sort()
}

/**
 * The days on which something failed, or could not be read or asked, or that were not looked at wholly and not long
 * ago: a later run must look at them again.
 */
function openDaysOf(
  settled: readonly DaySettled[],
  unreadable: readonly DayUnreadable[],
  rechecked: Rechecked,
  { today }: SettleDeps,
): LocalDay[] {
  const recent = addDays(today, -PROPOSED_DAYS)
  const isOpen = ({ day, members, incomplete, refreshed }: DaySettled) =>
    members.some(isUndone) ||
    unreadRooms(refreshed).length > 0 ||
    (incomplete.length > 0 && day >= recent)
  const open = [...settled, ...rechecked.days].filter(isOpen)
  return [...[...open, ...unreadable].map(({ day }) => day), ...rechecked.unasked]
}

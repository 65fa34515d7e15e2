/**
 * The story of catching up: the last days are looked at again, for posts that failed, files that arrived late
 * and days that were not looked at wholly. What grew is posted, with its cause; the rest stays as it is.
 */
import type { LocalDay } from '@presences/shared'
import type { Owners } from '../domain/ownership.ts'
import { lastPostIn } from '../ledger/ledger.ts'
import { isRebuilt } from '../ledger/rebuilt-entry.ts'
import { type DayPlan, planFor, planRead } from './plan-day.ts'
import type { MemberPlan } from './plan-member.ts'
import { DayUnreadable, refreshDay } from './read-day.ts'
import { type DaySettled, type SettleDeps, settleDay } from './settle-day.ts'
import { withoutStrangers } from './without-strangers.ts'

export interface CaughtUp {
  readonly days: readonly DaySettled[]
  readonly unreadable: readonly DayUnreadable[]
}

/**
 * Looks at `days` again, one after another. Devices registered late count from `lateFrom` on: replaying the rest of
 * their past is for a person to decide. A day that can't be read does not keep the others back.
 */
export async function catchUp(
  days: readonly LocalDay[],
  ownersOn: (day: LocalDay, lateFrom?: LocalDay) => Owners,
  lateFrom: LocalDay,
  deps: SettleDeps,
): Promise<CaughtUp> {
  const settled: DaySettled[] = []
  const unreadable: DayUnreadable[] = []
  for (const day of days) {
    try {
      const refreshed = await refreshDay(day, deps)
      const whole = await planRead(day, refreshed, ownersOn(day), deps)
      const isAnythingDue = whole.members.some(({ decided }) => decided.decision === 'post')
      const known = isAnythingDue ? await planFor(ownersOn(day, lateFrom), whole, deps) : whole
      const { lookedAt } = whole.ledger.value
      const members = whole.members.map((member) =>
        withCause(withoutLate(member, known), lookedAt === ''),
      )
      const run = { ...deps.run, kind: 'catch-up' as const }
      const result = await settleDay({ ...whole, members }, { ...deps, run })
      settled.push(withoutStrangers(result, ownersOn(day)))
    } catch (error) {
      if (!(error instanceof DayUnreadable)) throw error
      unreadable.push(error)
    }
  }
  return { days: settled, unreadable }
}

/** What late registrations would add is not posted; what they added once, by a replay, is not taken back. */
function withoutLate(whole: MemberPlan, known: DayPlan): MemberPlan {
  const { decided, history, last, computed } = whole
  if (decided.decision !== 'post') return whole
  // Somebody asked for this amount before, and it failed; or asks now for less.
  const asked = history.findLast(({ decision }) => decision === 'post')
  const isAskedFor = asked && asked.outcome !== 'posted' && asked.computed === computed
  if (isAskedFor || (typeof last === 'object' && computed < last.amount)) return whole
  const member = known.members.find(({ email }) => email === whole.email)
  const isMore = typeof member?.last !== 'object' || member.computed >= member.last.amount
  if (member?.decided.decision === 'post' && isMore) return member
  const reason = `${whole.evidence.slots.length} slots with a device registered late: waits for a replay`
  return { ...whole, decided: { decision: 'skip', reason } }
}

/** Says in the reason of a post why it was not posted before. */
function withCause(member: MemberPlan, isFirstLook: boolean): MemberPlan {
  const { decided } = member
  if (decided.decision !== 'post') return member
  return {
    ...member,
    decided: {
      ...decided,
      reason: `${decided.reason} (caught up: ${causeOf(member, isFirstLook)})`,
    },
  }
}

function causeOf({ history, evidence, restored }: MemberPlan, isFirstLook: boolean): string {
  if (isFirstLook) return 'no run had charged this day yet'
  if (restored !== undefined) return 'evidence was restored'
  const last = history.at(-1)
  if (last?.decision === 'reopen') return `reopened by ${last.run.by}: ${last.reason}`
  if (last?.outcome === 'refused') return 'the post had been refused'
  if (last?.decision === 'post' && !lastPostIn(history)?.isCertain) return 'the post had failed'
  if (last && isRebuilt(last)) return 'the ledger was made again, and the ticket server had less'
  const known = new Set(last?.evidence.slots)
  const isOfOld = evidence.slots.every((slot) => known.has(slot))
  // Only what could not be asked is held, and posted later from the same evidence.
  if (last?.decision === 'hold' && isOfOld) return 'the ticket server could not be asked before'
  // What waits for a replay is posted only where somebody had asked for the whole day.
  if (last?.decision === 'skip' && isOfOld && evidence.devices.some(isLate))
    return 'asked for by a person'
  const before = new Set(last?.evidence.devices.map(({ mac }) => mac))
  const isNew = (device: DeviceSeen) => isLate(device) && !before.has(device.mac)
  return evidence.devices.some(isNew) ? 'a device was registered late' : 'files arrived late'
}

type DeviceSeen = MemberPlan['evidence']['devices'][number]

function isLate({ source }: DeviceSeen): boolean {
  return source === 'registered-late'
}

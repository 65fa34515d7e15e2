/**
 * After its posts a run asks once more what people did: between the last question and a post there is always a moment.
 * A correction that a post of ours covered is found here, and told until somebody has resolved it.
 */
import type { LocalDay } from '@presences/shared'
import { planFor } from './plan-day.ts'
import type { PlanDeps } from './plan-deps.ts'
import { type DaySettled, type MemberSettled, type SettleDeps, settleDay } from './settle-day.ts'

export interface Rechecked {
  /** The days, with those members alone for whom a person did something meanwhile, decided anew. */
  readonly days: readonly DaySettled[]
  /** Days with posts of which nobody could say so: the next night looks at them again. */
  readonly unasked: readonly LocalDay[]
}

const NOTHING: Rechecked = { days: [], unasked: [] }

/** Asks about whoever was posted for in `settled`, and decides anew where that tells something. Throws as `settleDay`. */
export async function recheck(
  settled: readonly DaySettled[],
  deps: SettleDeps,
): Promise<Rechecked> {
  const posted = settled.filter(({ members }) => members.some(wasSent))
  if (posted.length === 0) return NOTHING
  const emails = [...new Set(posted.flatMap((day) => day.members.filter(wasSent).map(emailOf)))]
  const answer = await deps.auditAgain(emails)
  if (answer === 'no news') return NOTHING
  const days: DaySettled[] = []
  for (const each of posted) {
    const only = await correctedIn(each, deps)
    if (only.size === 0) continue
    for (const email of only) deps.forgetStored(email)
    // A run decides once for a member and day: this is another decision.
    const run = { ...deps.run, id: `${deps.run.id}-after` }
    const again = { ...deps, run }
    const plan = await planFor(each.owners, each, again, only)
    days.push(await settleDay(plan, again))
  }
  const found = new Set(days.map(({ day }) => day))
  const unasked = posted.map(({ day }) => day).filter((day) => !found.has(day))
  return { days, unasked: answer === 'unreadable' ? unasked : [] }
}

/** Those whose day a person set: had the run known before, nothing would have been posted. */
async function correctedIn(
  { day, members }: DaySettled,
  { audit }: PlanDeps,
): Promise<ReadonlySet<string>> {
  const corrections = (await audit())?.corrections ?? []
  const sent = members.filter(wasSent).map(emailOf)
  return new Set(
    sent.filter((email) => corrections.some((each) => each.day === day && each.email === email)),
  )
}

/** A post that may have been stored. */
function wasSent({ outcome }: MemberSettled): boolean {
  return outcome === 'posted' || outcome === 'unknown'
}

function emailOf({ email }: MemberSettled): string {
  return email
}

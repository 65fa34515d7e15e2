/** What the ticket server has in the end, for each member and day: the truth, or what a person set; and why. */
import type { StoredEntry } from '../bucket/stored-objects.ts'
import { amountOf, possibleOwners, presenceOf } from '../world/truth.ts'
import { allDevices, dayKey, mayBeClosed, type Person } from '../world/world.ts'
import { coveredDays } from './covered.ts'
import type { Fail, JudgedDay } from './judged.ts'
import { isUnordered } from './unordered.ts'

export function judgeStored(person: Person, judged: JudgedDay, fail: Fail): void {
  const { day, space, world } = judged
  // With a member who is no more, the ticket server's days of theirs are gone too.
  if (person.leftOn !== undefined) return
  const stored = space.state.daysOf(person.id).get(day)
  const value = stored?.value ?? 0
  const effective = stored?.overrideValue ?? value
  const correction = world.corrections.get(dayKey(person.id, day))?.at(-1)
  if (correction) {
    if (effective !== correction.value && !mayBeCovered(person, judged)) {
      fail(day, person.id, `a person set ${correction.value}, the server has ${effective}`)
    }
    return
  }
  const { sure, possible } = presenceOf(person, day, world)
  const most = amountOf(possible.size)
  const isDue = isKnown(person, judged) && !mayBeClosed(world.closings.get(dayKey(person.id, day)))
  const least = isDue ? amountOf(sure.size) : 0
  if (value > most)
    fail(
      day,
      person.id,
      `in truth ${possible.size} slots, that is ${most}; the server has ${value}`,
    )
  if (value < least)
    fail(day, person.id, `in truth ${sure.size} slots, that is ${least}; the server has ${value}`)
  const expected = person.trialDays.has(day) ? 0 : value
  if (effective !== expected) {
    fail(day, person.id, `the server counts ${effective} for ${value}, trial day or not`)
  }
  // On a trial day the server shows 0, whatever was posted: a ledger that is made again can't have it.
  if (!stored || (world.unkept.has(day) && person.trialDays.has(day))) return
  if (!judged.ledger.entries.some((entry) => explains(entry, value, person, judged))) {
    fail(day, person.id, `no entry of the ledger explains ${value}`)
  }
}

/**
 * A post came right after what a person set, and nobody puts it back; each night tells it (`life/nights.ts`). On a trial
 * day the server holds 0, whatever was posted: that it was a post of ours nobody can tell, and a person puts it back.
 */
function mayBeCovered(
  { id, trialDays }: Person,
  { day, space, world, isDamaged }: JudgedDay,
): boolean {
  if (space.isRestoring && !isDamaged && !trialDays.has(day)) return false
  return coveredDays(space, world).some((key) => key === dayKey(id, day))
}

/** False where the day may be charged or not: damaged, or of somebody that nothing links to this member. */
function isKnown(person: Person, { day, isDamaged, world }: JudgedDay): boolean {
  const { human, joinedOn, strangeSince } = person
  const isBack = world.people.some((each) => each.human === human && each.joinedOn < joinedOn)
  if (isDamaged || (isBack && day < joinedOn)) return false
  return strangeSince === undefined || day >= strangeSince
}

/** An entry that posted just this, to this member, for devices that may have been theirs. */
function explains(entry: StoredEntry, value: number, person: Person, judged: JudgedDay) {
  const { email, decision, outcome, computed, evidence } = entry
  const { day, world } = judged
  // Where the ledger has lost a post, a later run finds the amount at the server, and says what it is for.
  const isLost = isUnordered(day, judged) || world.unkept.has(day)
  if (decision !== 'post' && !(decision === 'skip' && isLost)) return false
  if (outcome === 'refused' || computed !== value) return false
  if (!person.emails.includes(email)) return false
  return evidence.devices.every(({ mac }) =>
    allDevices(world).some(
      (device) =>
        device.mac === mac &&
        [...possibleOwners(device, day)].some((owner) => owner?.human === person.human),
    ),
  )
}

/**
 * Every entry of a ledger: its evidence was seen, its amount follows from it, and its reason is right, in the
 * world's own terms: what had been posted by then, what a person had set, what could not be asked, what was missing.
 */
import { runOf, type StoredEntry } from '../bucket/stored-objects.ts'
import { dayAfter, localTime } from '../runtime/civil-time.ts'
import { saidDone } from '../space/space.ts'
import { amountOf, isOpenSlot, slotsSeen } from '../world/truth.ts'
import { allDevices } from '../world/world.ts'
import type { Fail, JudgedDay } from './judged.ts'
import { judgeReason } from './reasons.ts'
import { isRebuilt, judgeRebuilt } from './rebuilt.ts'
import { wasLeftToNights } from './told.ts'
import { isUnordered } from './unordered.ts'

/** What is held until something can be read, or is put back. */
const UNREADABLE = /can't be read|was to be charged and never was/

export function judgeEntries(judged: JudgedDay, fail: Fail): void {
  const { day, ledger, world } = judged
  for (const entry of ledger.entries) {
    const told = (what: string) =>
      fail(day, entry.email, `${entry.decision} "${entry.reason}": ${what}`)
    if (isRebuilt(entry)) {
      judgeRebuilt(entry, judged, told)
      continue
    }
    judgeEvidence(entry, judged, told)
    if (isUnasked(entry, judged)) told('nobody asked for a replay')
    judgeOutcome(entry, judged, told)
    if (isInDoubt(entry, judged)) told('nobody could tell whose its devices were')
    const people = world.people.filter(({ id, emails }) =>
      entry.member === undefined ? emails.includes(entry.email) : entry.member === id,
    )
    if (people.length === 0) told('nobody ever had this e-mail')
    // What was known by then is lost, or was for a while.
    if (isUnordered(day, judged) || world.unkept.has(day)) continue
    judgeEnd(entry, judged, told)
    const wrong = people.map((person) => judgeReason(entry, person, judged))
    // One who came back has the e-mail as two members: the entry is about either.
    if (wrong.every((each) => each !== undefined) && wrong[0] !== undefined) told(wrong[0])
  }
}

/** What is said to have been posted had arrived, and what was refused had not. */
function judgeOutcome(
  entry: StoredEntry,
  { day, space }: JudgedDay,
  told: (what: string) => void,
): void {
  const { email, computed, outcome } = entry
  const hasArrived = space.posts.some(
    (post) =>
      post.program === runOf(entry) &&
      post.email === email &&
      post.date === day &&
      post.amount === computed,
  )
  if (outcome === 'posted' && !hasArrived) told('posted, but nothing arrived')
  if (outcome === 'refused' && hasArrived) told('refused, but it arrived')
}

/** A run that left something undone does not say that all is done. */
function judgeEnd(entry: StoredEntry, { space }: JudgedDay, told: (what: string) => void): void {
  const { decision, reason, outcome = 'posted' } = entry
  const ran = space.ran.get(runOf(entry))
  const isUndone = outcome !== 'posted' || (decision === 'hold' && UNREADABLE.test(reason))
  if (isUndone && saidDone(ran))
    told(
      `${decision === 'hold' ? 'not yet decided' : outcome}, and the run ended with ${ran?.code}`,
    )
}

/** A post for a device that had changed hands, on a day of which the run could not ask. */
function isInDoubt(entry: StoredEntry, { day, world }: JudgedDay): boolean {
  const doubt = world.doubts.get(runOf(entry))
  if (entry.decision !== 'post' || !doubt?.days.includes(day)) return false
  return entry.evidence.devices.some(({ mac, slots }) => slots.length > 0 && doubt.macs.has(mac))
}

/** A night that charges by itself what only a device that was registered later makes. */
function isUnasked(entry: StoredEntry, judged: JudgedDay): boolean {
  const { day, ledger, world, autoReplayDays } = judged
  const { decision, run, computed, evidence, email } = entry
  if (decision !== 'post' || run.kind !== 'catch-up') return false
  const ranOn = localTime(Date.parse(entry.at)).day
  if (autoReplayDays > 0 && day >= dayAfter(ranOn, -autoReplayDays)) return false
  // Who came back is another member, and the same human.
  const theirs = world.people.filter(({ emails }) => emails.includes(email))
  const humans = new Set(theirs.map(({ human }) => human))
  const emails = world.people.flatMap((each) => (humans.has(each.human) ? each.emails : []))
  const wasAsked = ledger.entries.some(
    (each) =>
      emails.includes(each.email) &&
      each.at <= entry.at &&
      each.run.id !== run.id &&
      each.decision === 'post' &&
      each.computed === computed,
  )
  if (wasAsked || wasLeftToNights(entry, judged)) return false
  const registered = evidence.devices.filter(({ mac }) =>
    allDevices(world)
      .find((device) => device.mac === mac)
      ?.owners.some(({ from, member }) => from <= day && member && humans.has(member.human)),
  )
  return amountOf(new Set(registered.flatMap(({ slots }) => slots)).size) < computed
}

function judgeEvidence(
  { evidence, computed }: StoredEntry,
  { day, world }: JudgedDay,
  told: (what: string) => void,
): void {
  for (const { mac, location, slots, minutes } of evidence.devices) {
    const seen = slotsSeen(world, day, mac, location)
    const unseen = slots.filter((slot) => !seen.has(slot) || !isOpenSlot(slot))
    if (unseen.length > 0) told(`slots ${unseen} of ${mac} that no probe saw`)
    const most = world.seenMinutes.get(day)?.get(location)?.get(mac)?.size ?? 0
    if (minutes < slots.length || minutes > most)
      told(`${minutes} minutes of ${mac} in ${slots.length} slots: it was seen in ${most}`)
  }
  const union = new Set(evidence.devices.flatMap(({ slots }) => slots))
  if (union.size !== evidence.slots.length || evidence.slots.some((slot) => !union.has(slot))) {
    told(`slots ${evidence.slots} are not those of its devices`)
  }
  if (computed !== amountOf(union.size)) told(`${union.size} slots are not ${computed}`)
}

/**
 * What must be true when the dust has settled, told from the world alone: what each member's day is worth, who
 * was truly where. Of the programs' own work it reads only what they stored: ledgers, raw files, posts.
 */
import { gunzipSync } from 'node:zlib'
import { dayAfter, localTime } from './civil-time.ts'
import type { Space } from './space.ts'
import { dayKey, ownerOf, type Person, type World } from './world.ts'

export interface Failure {
  readonly day: string
  readonly member: string
  readonly what: string
}

export interface Judged {
  readonly world: World
  readonly space: Space
  readonly firstDay: string
  readonly days: number
}

interface LedgerEntry {
  readonly email: string
  readonly computed: number
  readonly decision: string
  readonly reason: string
  readonly outcome?: string
  readonly evidence: {
    readonly devices: readonly { mac: string; location: string; slots: readonly number[] }[]
  }
}

const HALF_DAY_SLOTS = 3
const FULL_DAY_SLOTS = 30
const FIRST_SLOT = 48
const LAST_SLOT = 131

/** Every failure; none when all is right. */
export function judge(judged: Judged): Failure[] {
  const failures: Failure[] = []
  const fail = (day: string, member: string, what: string) => failures.push({ day, member, what })
  const { world, space, firstDay, days } = judged
  for (let number = 0; number < days; number += 1) {
    const day = dayAfter(firstDay, number)
    const ledger = ledgerOf(day, space)
    for (const person of world.people) {
      if (person.leftOn === undefined) judgeDay(person, day, ledger, judged, fail)
    }
    judgeLedger(day, ledger, world, fail)
  }
  judgePosts(judged, fail)
  judgeSightings(judged, fail)
  return failures
}

type Fail = (day: string, member: string, what: string) => void

/** Slots of the opening hours in which one of the person's devices was recorded anywhere. */
function slotsOf(person: Person, day: string, world: World): number {
  const slots = new Set<number>()
  const devices = [...world.people.flatMap((each) => each.devices), ...world.strangers]
  for (const device of devices) {
    if (!device.wasRegistered || ownerOf(device, day) !== person) continue
    for (const places of world.seen.get(day)?.get(device.mac)?.values() ?? []) {
      for (const slot of places) if (slot >= FIRST_SLOT && slot <= LAST_SLOT) slots.add(slot)
    }
  }
  return slots.size
}

function judgeDay(
  person: Person,
  day: string,
  ledger: readonly LedgerEntry[],
  { world, space }: Judged,
  fail: Fail,
): void {
  const slots = slotsOf(person, day, world)
  const due = slots >= FULL_DAY_SLOTS ? 1 : slots >= HALF_DAY_SLOTS ? 0.5 : 0
  const stored = space.state.daysOf(person.id).get(day)
  const correction = world.corrections.get(dayKey(person, day))
  const effective = stored?.overrideValue ?? stored?.value ?? 0
  if (correction) {
    if (effective !== correction.value) {
      fail(day, person.id, `a person set ${correction.value}, the server has ${effective}`)
    }
    return
  }
  const expected = person.trialDays.has(day) ? 0 : due
  if (effective !== expected || (stored?.value ?? 0) !== due) {
    fail(day, person.id, `${slots} slots are ${expected}, the server has ${effective}`)
  }
  if (!stored) return
  const isExplained = ledger.some(
    ({ email, decision, outcome, computed }) =>
      person.emails.includes(email) &&
      decision === 'post' &&
      outcome !== 'refused' &&
      computed === stored.value,
  )
  if (!isExplained) fail(day, person.id, `no entry of the ledger explains ${stored.value}`)
}

function judgeLedger(day: string, ledger: readonly LedgerEntry[], world: World, fail: Fail): void {
  for (const { email, decision, reason, evidence } of ledger) {
    if (reason.trim() === '') fail(day, email, `a ${decision} without a reason`)
    for (const { mac, location, slots } of evidence.devices) {
      const seen = world.seen.get(day)?.get(mac)?.get(location)
      const unseen = slots.filter((slot) => !seen?.has(slot))
      if (unseen.length > 0) fail(day, email, `slots ${unseen} of ${mac} that no probe saw`)
    }
  }
}

/** Nobody is charged less than before, since nobody allowed it; nobody is charged on a day of somebody else's device. */
function judgePosts({ space, world }: Judged, fail: Fail): void {
  for (const { memberId, date, amount, before, program } of space.posts) {
    const isCorrected = world.corrections.has(`${memberId} ${date}`)
    if (before !== undefined && amount < before && !isCorrected) {
      fail(date, memberId, `${program} lowered ${before} to ${amount}`)
    }
  }
}

/** What lies in the bucket was seen by a probe. */
function judgeSightings({ space: { bucket }, world }: Judged, fail: Fail): void {
  for (const key of bucket.keys('presences/')) {
    const location = key.split('/')[1] as string
    const text = Buffer.from(bucket.get(key)?.bytes ?? []).toString('utf8')
    for (const line of text.split('\n')) {
      const [time = '', mac = ''] = line.split('\t')
      if (line === '' || line.startsWith('#')) continue
      const { day, clock } = localTime(Date.parse(time))
      const slots = world.seen.get(day)?.get(mac)?.get(location)
      if (!slots?.has(Math.floor(clock / 10))) fail(day, mac, `${key} has what no probe saw`)
    }
  }
}

function ledgerOf(day: string, { bucket }: Space): readonly LedgerEntry[] {
  const object = bucket.get(`ledger/${day}.json.gz`)
  if (!object) return []
  return JSON.parse(gunzipSync(object.bytes).toString('utf8')).entries
}

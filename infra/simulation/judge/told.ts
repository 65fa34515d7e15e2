/** An entry of a ledger, about one person, and what had truly happened by then. */
import { runOf, type StoredEntry } from '../bucket/stored-objects.ts'
import { type NotedPost, saidDone } from '../space/space.ts'
import { postingOf } from '../tickets/unanswered.ts'
import { wasKnownTheirs } from '../world/truth.ts'
import { allDevices, type Correction, dayKey, type Person, type World } from '../world/world.ts'
import type { JudgedDay } from './judged.ts'

export interface Told extends JudgedDay {
  readonly entry: StoredEntry
  readonly person: Person
  /** Those of the person that the ledger is taken to know as one. */
  readonly emails: readonly string[]
}

/** Of that day the ledger may have this person as two, of whom each knows its own posts only. */
export function isStrange({ strangeSince }: Person, { day }: Pick<JudgedDay, 'day'>): boolean {
  return strangeSince !== undefined && day < strangeSince
}

/** Whom an entry is about: by the server's id, where the run knew it; an e-mail may have passed to another person. */
export function isOf(
  { member, email }: StoredEntry,
  { person, emails, world }: Pick<Told, 'person' | 'emails' | 'world'>,
): boolean {
  return member === undefined ? emails.includes(email) : idsOf(person, world).includes(member)
}

/** No earlier run sent this without learning, or writing down, what came of it. */
export function notLost(told: Told, amount?: number): string | undefined {
  const { entry, ledger } = told
  const isLost = ledger.entries.some((each) => {
    if (!isOf(each, told) || each.decision !== 'post') return false
    if (runOf(each) === runOf(entry) || each.at > entry.at) return false
    if (amount !== undefined && each.computed !== amount) return false
    return wasLost(each, told)
  })
  return isLost ? undefined : 'no answer had been lost'
}

/** The answer to a post of an earlier run, as the ledger had it when the entry was decided. */
function wasLost(post: StoredEntry, { entry, day, space, isOrderly }: Told): boolean {
  const { email, outcome } = post
  const ran = space.ran.get(runOf(post))
  const isUnanswered = ran?.questions.unanswered.has(postingOf(email, day)) ?? false
  const isUnwritten = outcome === 'intended' && !saidDone(ran)
  // What the ledger has now it had then, unless the run went on, or another wrote over it.
  const isFinal = isOrderly && ran !== undefined && ran.endedAt <= Date.parse(entry.at)
  if (isFinal && outcome !== 'unknown') return isUnwritten
  return isUnanswered || isUnwritten || ran?.code === 'killed'
}

/** Ours, in order, by the e-mails that are known as one. */
export function postsBefore({ entry, person, emails, day, space, world }: Told): NotedPost[] {
  const ids = idsOf(person, world)
  return space.posts.filter(
    ({ memberId, email, date, at, program }) =>
      ids.includes(memberId) &&
      emails.includes(email) &&
      date === day &&
      at <= Date.parse(entry.at) &&
      program !== runOf(entry),
  )
}

/** Those of who came back, and is another member since, are of the same human; the last one last. */
export function correctionsBefore({
  entry,
  person,
  day,
  world,
  space,
}: Told): readonly Correction[] {
  const all = idsOf(person, world).flatMap((id) => world.corrections.get(dayKey(id, day)) ?? [])
  const [, to] = space.ran.get(runOf(entry))?.orders ?? [0, 0]
  return all.filter(({ order }) => order <= to).sort((a, b) => a.order - b.order)
}

/** The last that the run may have known: what was set before it began, or meanwhile, and it was not told. */
export function lastCorrections(told: Told): readonly Correction[] {
  const all = correctionsBefore(told)
  const [from] = told.space.ran.get(runOf(told.entry))?.orders ?? [0, 0]
  const meanwhile = all.filter(({ order }) => order > from)
  return [...all.filter(({ order }) => order <= from).slice(-1), ...meanwhile]
}

/** Those of each member that this human has been. */
export function emailsOfHuman({ human }: Person, { people }: World): string[] {
  return people.flatMap((each) => (each.human === human ? each.emails : []))
}

function idsOf({ human }: Person, { people }: World): string[] {
  return people.flatMap((each) => (each.human === human ? [each.id] : []))
}

/** What the ticket server has of this person by what the ledger does not know as theirs. */
export function fromOthers(told: Told): number[] {
  const { person, day } = told
  const known = new Set(postsBefore(told))
  const all = postsBefore({ ...told, emails: person.emails }).filter((post) => !known.has(post))
  const isTrial = all.length > 0 && person.trialDays.has(day)
  const set = correctionsBefore(told).map(({ value }) => value)
  return [...all.map(({ amount }) => (isTrial ? 0 : amount)), ...set]
}

/** A device in the entry's evidence was not known by that day to be the person's. */
export function hasLateDevice({ entry, person, day, world }: Told): boolean {
  return entry.evidence.devices.some(({ mac }) => {
    const device = allDevices(world).find((each) => each.mac === mac)
    return device && !wasKnownTheirs(device, day, person)
  })
}

/** A person asked for that day before, late registrations and all, and it could not be done then. */
export function wasLeftToNights(
  { at }: StoredEntry,
  { day, space }: Pick<JudgedDay, 'day' | 'space'>,
): boolean {
  return [...space.ran.values()].some((ran) => {
    const [, from = '', to = ''] = /^upload --from (\S+) --to (\S+)$/.exec(ran.what) ?? []
    return from <= day && day <= to && !saidDone(ran) && ran.endedAt <= Date.parse(at)
  })
}

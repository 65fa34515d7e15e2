/**
 * Who is who on a map: the server's ids of those that it has by e-mail and name. While the list of members can't be had,
 * the one of another day says less: an e-mail may have changed, or passed on, and nothing is guessed.
 */
import type { Mac } from '@presences/shared'
import type { MemberOwner } from '../domain/ownership.ts'
import {
  follows,
  type Interval,
  type IntervalOwner,
  idsByEmail,
  isSameOwner,
  type MapHistory,
} from './map-history.ts'
import type { MemberMap } from './member-map.ts'
import { memberOwner, unchargedOwner } from './ownership.ts'

/** The names under which each member is known, by id. */
export function namesById({ intervals }: MapHistory): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>()
  for (const { owner } of [...intervals.values()].flat()) {
    if (owner.kind !== 'member' || owner.id === undefined) continue
    names.set(owner.id, (names.get(owner.id) ?? new Set()).add(owner.name))
  }
  return names
}

/**
 * The owners as the map has them, with the ids of `people`. Where those are of another day, `known` has the names of
 * that day: an e-mail that nobody had then, or that somebody of another name has now, may have changed, or passed on, and
 * nobody can tell whose it is.
 */
export function ownersIn(
  map: MemberMap,
  people: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, ReadonlySet<string>> | undefined,
): Map<Mac, IntervalOwner> {
  const ids = idsByEmail(people)
  const owners = new Map<Mac, IntervalOwner>()
  for (const [mac, member] of map.devices) {
    const id = ids.get(member.email)
    const owner = memberOwner(member)
    const isKnown = id !== undefined && known?.get(id)?.has(owner.name) === true
    const isSure = known === undefined || people.size === 0 || isKnown
    if (isSure) owners.set(mac, { ...owner, ...(id !== undefined && { id }) })
    else owners.set(mac, { kind: 'unsure', name: unsureName(owner) })
  }
  for (const [mac, device] of map.uncharged) {
    if (device.why === 'excluded') {
      owners.set(mac, { kind: 'excluded', name: unchargedOwner(device).name })
    }
  }
  return owners
}

/**
 * The history for a run that can't list the members: of those that it was told of before it keeps whom the map shows by the
 * e-mail and a name of theirs; who the others are by now, and whether they are members, nobody can tell.
 */
export function withoutUnsurePeople(history: MapHistory, map: MemberMap): MapHistory {
  if (history.people.size === 0) return history
  const names = namesById(history)
  const shown = new Map<string, Set<string>>()
  for (const member of map.devices.values()) {
    const { email, name } = memberOwner(member)
    shown.set(email, (shown.get(email) ?? new Set()).add(name))
  }
  const isSure = ([id, email]: readonly [string, string]) =>
    [...(shown.get(email) ?? [])].some((name) => names.get(id)?.has(name))
  const people = [...history.people]
  return {
    ...history,
    people: new Map(people.filter(isSure)),
    unsurePeople: new Map(people.filter((each) => !isSure(each))),
  }
}

/**
 * True of whom it is sure who they are now: by their id, unless the run can't tell; without one, where who has the e-mail
 * now was known by that name.
 */
export function suresOf(history: MapHistory): (owner: MemberOwner) => boolean {
  const names = namesById(history)
  const ids = idsByEmail(history.people)
  return ({ id, email, name }) => {
    if (id !== undefined) return history.unsurePeople?.has(id) !== true
    return names.get(ids.get(email) ?? '')?.has(name) === true
  }
}

/** Intervals of members whose id was not known yet, and is now: by e-mail and name, as the map has them. */
export function withIds(history: MapHistory, owners: ReadonlyMap<Mac, IntervalOwner>): MapHistory {
  const ids = new Map<string, string>()
  for (const owner of owners.values()) {
    if (owner.kind === 'member' && owner.id !== undefined) ids.set(personOf(owner), owner.id)
  }
  let isNews = false
  const intervals = new Map<Mac, readonly Interval[]>()
  for (const [mac, all] of history.intervals) {
    intervals.set(
      mac,
      all.map((interval) => {
        const { owner } = interval
        if (owner.kind !== 'member' || owner.id !== undefined) return interval
        const id = ids.get(personOf(owner))
        if (id === undefined) return interval
        isNews = true
        return { ...interval, owner: { ...owner, id } }
      }),
    )
  }
  return isNews ? { ...history, intervals } : history
}

/**
 * Days on which nobody could tell whose an e-mail was, by what the list of members says now of the same name with the same
 * e-mail.
 */
export function withoutUnsureNames(
  history: MapHistory,
  owners: ReadonlyMap<Mac, IntervalOwner>,
): MapHistory {
  const sure = new Map<string, IntervalOwner>()
  for (const owner of owners.values()) {
    if (owner.kind === 'member' && owner.id !== undefined) sure.set(unsureName(owner), owner)
  }
  const intervals = new Map(
    [...history.intervals].map(([mac, all]) => [mac, withoutUnsure(all, sure)] as const),
  )
  const isNews = [...intervals].some(([mac, all]) => all !== history.intervals.get(mac))
  return isNews ? { ...history, intervals } : history
}

/** The same array where none of its days in doubt is of a name in `sure`. */
function withoutUnsure(
  all: readonly Interval[],
  sure: ReadonlyMap<string, IntervalOwner>,
): readonly Interval[] {
  const at = all.findIndex(({ owner }) => owner.kind === 'unsure' && sure.has(owner.name))
  const [interval] = all.slice(at)
  const owner = interval && sure.get(interval.owner.name)
  if (at === -1 || !owner) return all
  const past = all.slice(0, at)
  const known = withoutTheirDoubts(past, owner)
  const last = known.at(-1)
  const isTheirs = last && follows(past.at(-1), interval) && isSameOwner(last.owner, owner)
  const now = isTheirs
    ? [...known.slice(0, -1), { ...last, until: interval.until }]
    : [...past, { ...interval, owner }]
  return withoutUnsure([...now, ...all.slice(at + 1)], sure)
}

/** Without the last days in doubt, as far as they may be the owner's: between two of theirs they are in doubt no more. */
export function withoutTheirDoubts(
  intervals: readonly Interval[],
  whose: IntervalOwner,
): readonly Interval[] {
  const isTheirs = ({ owner }: Interval) =>
    owner.kind === 'unsure' &&
    owner.name.split(' or ').every((name) => !/ \(.*\)$/.test(name) || isNamed(name, whose))
  return intervals.slice(0, intervals.findLastIndex((each) => !isTheirs(each)) + 1)
}

function isNamed(name: string, owner: IntervalOwner): boolean {
  return owner.kind === 'member' && name.startsWith(`${owner.name} (`)
}

function unsureName({ email, name }: MemberOwner): string {
  return `${name} (${email})`
}

function personOf({ email, name }: MemberOwner): string {
  return `${email} ${name}`
}

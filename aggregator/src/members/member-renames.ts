/**
 * A member whose e-mail changed is the same person, but the map has only e-mails: decides when two of
 * them are one person's. Missing one leaves the past under an e-mail the ticket server refuses, and says
 * so; a wrong one would charge a stranger. So all signs must agree.
 */
import type { LocalDay, Mac } from '@presences/shared'
import type { MemberOwner } from '../domain/ownership.ts'
import type { Interval, MapHistory, Rename } from './map-history.ts'
import type { MemberMap } from './member-map.ts'
import { memberOwner } from './ownership.ts'

/**
 * The e-mails that changed between the last map and this one: the old one is gone from the map, the new one was
 * not in the last, both with the same first and last name; each device of the old one is now the new one's or
 * nobody's, and at least one is the new one's. Sorted by old e-mail.
 */
export function findRenames(history: MapHistory, map: MemberMap, day: LocalDay): Rename[] {
  const before = openMembers(history)
  const present = emailsIn(map)
  const found: Rename[] = []
  for (const [email, { name, macs }] of before) {
    if (present.has(email) || name === email) continue
    const to = soleOwner(macs, map)
    if (to && !before.has(to.email) && to.name === name) {
      found.push({ from: email, to: to.email, on: day })
    }
  }
  // Two persons who become one are not a person whose e-mail changed.
  const targets = found.map(({ to }) => to)
  return found
    .filter(({ to }) => targets.indexOf(to) === targets.lastIndexOf(to))
    .sort((a, b) => (a.from < b.from ? -1 : 1))
}

/** The same by the ticket server's own ids, `people` by id: certain, whatever else changed. Sorted by old e-mail. */
export function renamesById(
  history: MapHistory,
  people: ReadonlyMap<string, string>,
  day: LocalDay,
): Rename[] {
  const found = new Map<string, Rename>()
  for (const { owner } of [...history.intervals.values()].flat()) {
    const to = owner.kind === 'member' && owner.id !== undefined ? people.get(owner.id) : undefined
    if (!to || owner.kind !== 'member' || to === owner.email) continue
    found.set(owner.email, { from: owner.email, to, on: day })
  }
  return [...found.values()].sort((a, b) => (a.from < b.from ? -1 : 1))
}

/** The history with these persons under their new e-mail, the past too. Of those with an id, `people` tells it. */
export function applyRenames(
  history: MapHistory,
  renames: readonly Rename[],
  people: ReadonlyMap<string, string>,
): MapHistory {
  if (renames.length === 0) return history
  const emails = new Map(renames.map(({ from, to }) => [from, to]))
  const intervals = new Map<Mac, readonly Interval[]>()
  for (const [mac, all] of history.intervals) intervals.set(mac, all.map(renamed))
  return { ...history, intervals, renames: [...history.renames, ...renames] }

  function renamed(interval: Interval): Interval {
    const { owner } = interval
    if (owner.kind !== 'member') return interval
    const email = owner.id === undefined ? emails.get(owner.email) : people.get(owner.id)
    return !email || email === owner.email ? interval : { ...interval, owner: { ...owner, email } }
  }
}

interface OpenMember {
  readonly name: string
  readonly macs: Mac[]
}

/** The members of the last map whose id is not known, by e-mail. */
function openMembers(history: MapHistory): Map<string, OpenMember> {
  const members = new Map<string, OpenMember>()
  for (const [mac, intervals] of history.intervals) {
    const last = intervals.at(-1)
    if (last?.until !== undefined || last?.owner.kind !== 'member') continue
    if (last.owner.id !== undefined) continue
    const { email, name } = last.owner
    const member = members.get(email) ?? { name, macs: [] }
    member.macs.push(mac)
    members.set(email, member)
  }
  return members
}

/** The member who alone has those of `macs` that are still on the map. */
function soleOwner(macs: readonly Mac[], map: MemberMap): MemberOwner | undefined {
  if (macs.some((mac) => map.uncharged.has(mac))) return undefined
  const members = macs.map((mac) => map.devices.get(mac)).filter((member) => member !== undefined)
  const [first] = members
  if (!first || members.some(({ email }) => email !== first.email)) return undefined
  return memberOwner(first)
}

function emailsIn(map: MemberMap): Set<string> {
  const charged = [...map.devices.values()]
  const uncharged = [...map.uncharged.values()].flatMap(({ members }) => members)
  return new Set([...charged, ...uncharged].map(({ email }) => email))
}

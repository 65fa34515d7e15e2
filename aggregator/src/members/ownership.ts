/** Owners, from what the member map says of a device: one value per owner, and words for those who are not charged. */
import { type Mac, shortMac } from '@presences/shared'
import type {
  MemberOwner,
  OwnedDevice,
  Owners,
  Ownership,
  UnchargedOwner,
  WhyUncharged,
} from '../domain/ownership.ts'
import type { Member, MemberMap } from './member-map.ts'

type UnchargedDevice =
  MemberMap['uncharged'] extends ReadonlyMap<Mac, infer Device> ? Device : never

/** The owners that a member map gives, as if it had always been so: for days without a history. */
export function ownersOf(map: MemberMap): Owners {
  const once = oneObjectPerOwner()
  const owners = new Map<Mac, OwnedDevice>()
  for (const [mac, member] of map.devices) {
    owners.set(mac, { owner: once(memberOwner(member)), source: 'map' })
  }
  for (const [mac, device] of map.uncharged) {
    owners.set(mac, { owner: once(unchargedOwner(device)), source: 'map' })
  }
  return owners
}

/** Gives the same object for the same owner each time; the first one seen. */
export function oneObjectPerOwner(): (owner: Ownership) => Ownership {
  const distinct = new Map<string, Ownership>()
  return (owner) => {
    // A device that two members claim is nobody else's: each stands alone.
    if (owner.kind === 'ambiguous') return owner
    const key = owner.kind === 'member' ? `member ${owner.email}` : `${owner.kind} ${owner.name}`
    const known = distinct.get(key) ?? owner
    distinct.set(key, known)
    return known
  }
}

/** A member of the map as an owner who is charged. */
export function memberOwner(member: Member): MemberOwner {
  return { kind: 'member', email: member.email, name: nameOf(member) }
}

/** A device of the map that charges nobody, as an owner. */
export function unchargedOwner({ why, members }: UnchargedDevice): UnchargedOwner {
  const name = members.map((member) => member.email || nameOf(member)).join(' / ')
  return { kind: why, name }
}

const REASONS: Record<WhyUncharged, string> = {
  noEmail: 'has no e-mail: add it at the ticket server, then replay the device',
  unreadableEmail:
    'has an e-mail that is not UTF-8: correct it at the ticket server, then replay the device',
  ambiguous:
    'both claim this device: remove it from one of them at the ticket server, then replay it',
  excluded: "is the space's own: it is never charged",
  gone: 'is no member any more, so that nobody can be charged',
  charged:
    'were charged for this device that day by the ledger, and have it by the member history: look at who had it, then lower the first with --allow-lower',
  unsure:
    'had this device when it changed hands, and the audit trail does not say when: run "presences-aggregator members import-audit", or correct these days by hand',
}

/** Why nobody is charged for a device, and what to do, in words. */
export function whyUncharged({ kind, name }: UnchargedOwner, macs: readonly Mac[]): string {
  return `${name} ${REASONS[kind]} (${macs.map(shortMac).join(', ')})`
}

/** The name of an owner whom nobody can charge, and, where it is made of several, each of them. */
export function namesOf(name: string): string[] {
  return [...new Set([name, ...name.split(/ \/ | or /)])]
}

function nameOf({ firstName, lastName, email }: Member): string {
  return `${firstName} ${lastName}`.trim() || email || 'A member without a name'
}

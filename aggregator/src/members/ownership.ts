/**
 * Who a device's minutes count for. One value per owner, so that all devices of one owner share it:
 * a member's day is the union of them.
 */
import { type Mac, shortMac } from '@presences/shared'
import type { Member, MemberMap, WhyUncharged } from './member-map.ts'

/** A member who is charged, by the exact e-mail the ticket server knows. */
export interface MemberOwner {
  readonly kind: 'member'
  readonly email: string
  readonly name: string
}

/** A device for which nobody is charged. `name` is for messages: members' names or e-mails. */
export interface UnchargedOwner {
  readonly kind: WhyUncharged
  readonly name: string
}

export type Ownership = MemberOwner | UnchargedOwner

export type Owners = ReadonlyMap<Mac, Ownership>

/** The owners that a member map gives. */
export function ownersOf(map: MemberMap): Owners {
  const owners = new Map<Mac, Ownership>()
  const distinct = new Map<string, Ownership>()
  for (const [mac, member] of map.devices) {
    owners.set(mac, once({ kind: 'member', email: member.email, name: nameOf(member) }))
  }
  for (const [mac, { why, members }] of map.uncharged) {
    // A device that two members claim is nobody else's: each stands alone.
    const name = members.map((member) => member.email || nameOf(member)).join(' / ')
    owners.set(mac, why === 'ambiguous' ? { kind: why, name } : once({ kind: why, name }))
  }
  return owners

  function once(owner: Ownership): Ownership {
    const key = owner.kind === 'member' ? `member ${owner.email}` : `${owner.kind} ${owner.name}`
    const known = distinct.get(key) ?? owner
    distinct.set(key, known)
    return known
  }
}

const REASONS: Record<WhyUncharged, string> = {
  noEmail: 'has no e-mail: add it at the ticket server, then replay the device',
  unreadableEmail:
    'has an e-mail that is not UTF-8: correct it at the ticket server, then replay the device',
  ambiguous:
    'both claim this device: remove it from one of them at the ticket server, then replay it',
  excluded: "is the space's own: it is never charged",
}

/** Why nobody is charged for a device, and what to do, in words. */
export function whyUncharged({ kind, name }: UnchargedOwner, macs: readonly Mac[]): string {
  return `${name} ${REASONS[kind]} (${macs.map(shortMac).join(', ')})`
}

function nameOf({ firstName, lastName, email }: Member): string {
  return `${firstName} ${lastName}`.trim() || email || 'A member without a name'
}

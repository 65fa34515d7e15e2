/**
 * Who a device's minutes count for on one day, and how that is known. One value per owner, so that all devices of one
 * owner share it: a member's day is the union of them.
 */
import type { EpochMinute, Mac } from '@presences/shared'

/** Where the ownership of a device on a day comes from. */
export type OwnershipSource =
  /** The map gave it that day. */
  | 'map'
  /** Nobody had it that day: its first later owner (registered late). */
  | 'registered-late'
  /** From the ticket server's audit trail. */
  | 'audit'

/**
 * Why nobody is charged for a device: its member has no e-mail, or one that can't be read; two members
 * claim it; it is the space's own; who had it is no member any more; it changed hands at a time nobody can tell; the
 * ledger charged it to another member that day.
 */
export type WhyUncharged =
  | 'noEmail'
  | 'unreadableEmail'
  | 'ambiguous'
  | 'excluded'
  | 'gone'
  | 'unsure'
  | 'charged'

/** A member who is charged, by the exact e-mail the ticket server knows. */
export interface MemberOwner {
  readonly kind: 'member'
  readonly email: string
  readonly name: string
  /** The ticket server's own id, as far as it is known: e-mails change, and pass to other people. */
  readonly id?: string
}

/** A device for which nobody is charged. `name` is for messages: members' names or e-mails. */
export interface UnchargedOwner {
  readonly kind: WhyUncharged
  readonly name: string
  /** Only for `gone`: who they were. */
  readonly was?: { readonly id: string; readonly email: string }
}

export type Ownership = MemberOwner | UnchargedOwner

/** Whose a device was on one day, and how that is known. */
export interface OwnedDevice {
  /** The same object for all devices of one owner: devices are grouped by it. */
  readonly owner: Ownership
  readonly source: OwnershipSource
  /** It was taken from them that day: from this minute on it counts for nobody, until it is passed on. */
  readonly until?: EpochMinute
  /** The device changed hands that day: from this minute on it counts for another owner, and so on. */
  readonly passedOn?: { readonly from: EpochMinute; readonly owned: OwnedDevice }
}

/** Whose a device was on one day, one after another. */
export function inTurn(owned: OwnedDevice | undefined): OwnedDevice[] {
  return owned ? [owned, ...inTurn(owned.passedOn?.owned)] : []
}

/** Who owned which device on one day. */
export type Owners = ReadonlyMap<Mac, OwnedDevice>

/** True where a device was the member's that day, or a part of it. */
export function isTheirs(owned: OwnedDevice | undefined, email: string): boolean {
  if (!owned) return false
  const { owner, passedOn } = owned
  return (owner.kind === 'member' && owner.email === email) || isTheirs(passedOn?.owned, email)
}

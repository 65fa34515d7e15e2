/** Owners beside what the ledger of the day says: a device that was charged to one is not charged to another. Pure. */
import type { Mac } from '@presences/shared'
import { isTheirs, type Owners } from '../domain/ownership.ts'
import { type LedgerEntry, lastPostIn } from '../ledger/ledger.ts'
import type { Histories } from './histories.ts'

/**
 * The owners but for devices that the ledger charged to somebody else that day: the history of members may be lost, or
 * an old copy. Without a person, nobody is charged for what another one was.
 */
export function withoutContradiction(owners: Owners, charges: readonly ChargedDevice[]): Owners {
  const found = new Map(owners)
  for (const mac of new Set(charges.map((each) => each.mac))) {
    const owned = owners.get(mac)
    const charged = charges.filter((each) => each.mac === mac)
    if (owned?.owner.kind !== 'member' || charged.some(({ whose }) => isTheirs(owned, whose)))
      continue
    const emails = new Set([...charged.map(({ email }) => email), owned.owner.email])
    const owner = { kind: 'charged' as const, name: [...emails].join(' / ') }
    found.set(mac, { owner, source: owned.source })
  }
  return found
}

/** A device that a member's last post was for. */
export interface ChargedDevice {
  readonly mac: Mac
  /** The e-mail that they have now; of who is no member any more, the server's id. */
  readonly whose: string
  /** For messages: that e-mail; of who is no member any more, the one that they had then. */
  readonly email: string
}

/** The devices that last posts were for; `emailOf` gives the e-mail for messages. */
export function chargesIn(
  histories: Histories,
  emailOf: (whose: string, posted: LedgerEntry) => string,
): ChargedDevice[] {
  return [...histories].flatMap(([whose, history]) => {
    const posted = lastPostIn(history)?.entry
    const macs = new Set(posted?.evidence.devices.map(({ mac }) => mac))
    return posted ? [...macs].map((mac) => ({ mac, whose, email: emailOf(whose, posted) })) : []
  })
}

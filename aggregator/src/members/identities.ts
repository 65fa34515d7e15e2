/** Who somebody is by now: of the ledger's entries, and of an e-mail. */
import { type LocalDay, localDayOf } from '@presences/shared'
import {
  emailOfMember,
  idsByEmail,
  type MapHistory,
  presentEmail,
  wasNeverListed,
} from './map-history.ts'

/** Of a ledger's entry what tells whom it is about. */
interface About {
  readonly email: string
  readonly member?: string
  /** ISO instant. */
  readonly at: string
}

export interface Identities {
  /** The e-mail now of whom an entry is about; `undefined`: they are no member any more, or nobody can tell now. */
  readonly emailNow: (entry: About) => string | undefined
  /** The ticket server's id of who has an e-mail now, as far as it is known. */
  readonly memberId: (email: string) => string | undefined
}

/** By the server's ids where they are known; else by the changes of e-mails that runs have seen. */
export function identities(history: MapHistory, timeZone: string): Identities {
  const ids = idsByEmail(history.people)
  return {
    emailNow: ({ email, member, at }) => {
      if (member !== undefined && !wasNeverListed(history)) return emailOfMember(history, member)
      const on: LocalDay = localDayOf(new Date(at), timeZone)
      const now = presentEmail(history, email, on)
      return history.unsurePeople && !ids.has(now) ? undefined : now
    },
    memberId: (email) => ids.get(email),
  }
}

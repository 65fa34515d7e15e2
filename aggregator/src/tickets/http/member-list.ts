/**
 * Who has which id: the ticket server's routes about one member want the id, all else here knows members
 * by e-mail. The list is today's: of a member whose e-mail was changed it has the new one only.
 */
import { z } from 'zod'
import { type ListedMember, TicketsError } from '../tickets.ts'
import { askList, shapedAs } from './json-answer.ts'
import type { SendTicketRequest } from './ticket-request.ts'

export interface MemberList {
  /** As of now: one request. `doing` is for messages. */
  fresh(doing?: string): Promise<readonly ListedMember[]>
  /**
   * The id behind an e-mail, letter for letter. Remembers the list: one request, and one more for an
   * e-mail that an earlier list did not have, since members join while a service runs.
   */
  idOf(email: string): Promise<string | undefined>
}

const MEMBERS = z.array(z.object({ _id: z.string().min(1), email: z.string().nullish() }))

/** A list that asks for itself when it is needed. Its methods throw TicketsError. */
export function createMemberList(send: SendTicketRequest): MemberList {
  let known: Promise<readonly ListedMember[]> | undefined

  function fresh(doing = 'list the members'): Promise<readonly ListedMember[]> {
    const asked = askMembers(send, doing)
    known = asked
    asked.catch(() => {
      // A failure is not worth remembering: the next one who asks tries anew.
      if (known === asked) known = undefined
    })
    return asked
  }

  return {
    fresh,
    async idOf(email) {
      if (email === '') return undefined
      const earlier = known
      const found = await findId(earlier ?? fresh(), email)
      if (found !== undefined || earlier === undefined) return found
      return findId(known === undefined || known === earlier ? fresh() : known, email)
    },
  }
}

async function findId(list: Promise<readonly ListedMember[]>, email: string) {
  return (await list).find((member) => member.email === email)?.id
}

async function askMembers(
  send: SendTicketRequest,
  doing: string,
): Promise<readonly ListedMember[]> {
  const members = shapedAs(MEMBERS, await askList(send, { doing, path: '/api/members' }), doing)
  if (members.length === 0) {
    throw new TicketsError(
      'refused',
      `Can't ${doing}: the ticket server says it has none; look at its list of members, then run again`,
    )
  }
  return members.map(({ _id, email }) => ({ id: _id, email: email ?? '' }))
}

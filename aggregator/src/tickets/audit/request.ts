/**
 * How the audit is asked for. One request, as a rule. The server fails on an answer that has an event of a
 * member who is no more; then each member's own trail is asked for. The trail of a person who did something
 * to such a member fails just so; then their events are picked day by day from the days that do answer.
 */
import { addDays, daysFrom, type LocalDay, localDayOf, oneLine } from '@presences/shared'
import pMap from 'p-map'
import { askList } from '../http/json-answer.ts'
import type { MemberList } from '../http/member-list.ts'
import { isUnexpectedFault } from '../http/ticket-answer.ts'
import type { SendTicketRequest } from '../http/ticket-request.ts'
import { type AuditTrail, type ListedMember, TicketsError } from '../tickets.ts'
import { auditTrailOf, subjectOf } from './answer.ts'

export interface AuditRequests {
  readonly send: SendTicketRequest
  readonly members: Pick<MemberList, 'fresh'>
  readonly now: () => Date
}

/** Events, newest first; the error, where the server can't answer for an event of theirs. */
type Asked = readonly unknown[] | TicketsError

const CONCURRENCY = 4

/** The acts from `from` on. Throws TicketsError when they can't be had, or not for sure. */
export async function requestAuditTrail(
  from: LocalDay,
  requests: AuditRequests,
): Promise<AuditTrail> {
  const to = dayAfterAll(from, requests.now())
  const whole = await askDays(from, to, requests)
  if (!(whole instanceof TicketsError)) return auditTrailOf(whole, from)

  const members = await requests.members.fresh('list the members to read the audit trail of each')
  const { events, broken } = await askEachMember(members, requests)
  if (broken.length === 0) return auditTrailOf(events, from)
  const byDay = await askDayByDay(from, to, requests)
  const ids = broken.map(({ id }) => id)
  const missing = byDay.events.filter((event) => {
    const id = subjectOf(event)
    return id === undefined || ids.includes(id)
  })
  const trail = auditTrailOf([...events, ...missing], from)
  if (byDay.unreadable.length === 0) return trail
  return {
    ...trail,
    faults: [...trail.faults, ...byDay.unreadable.map(unreadableDay)],
    unsure: [...(trail.unsure ?? []), ...broken.map(({ email }) => email)],
  }

  function unreadableDay(day: LocalDay): string {
    const names = broken.map(({ email, id }) => oneLine(email) || id).join(', ')
    return `Can't read what was done on ${day} to ${names}: the ticket server fails on an event of that day, of a member who is no more; look at their days and devices at the ticket server`
  }
}

/** What was done to these members since `from`. Throws TicketsError when nobody's trail can be had. */
export async function requestCorrections(
  emails: readonly string[],
  from: LocalDay,
  requests: AuditRequests,
): Promise<AuditTrail> {
  const whole = await askDays(from, dayAfterAll(from, requests.now()), requests)
  if (!(whole instanceof TicketsError)) return auditTrailOf(whole, from)
  const listed = await requests.members.fresh('list the members to read the audit trail of some')
  const asked = listed.filter(({ email }) => emails.includes(email))
  const { events, broken } = await askEachMember(asked, requests)
  const trail = auditTrailOf(events, from)
  const unsure = [...(trail.unsure ?? []), ...broken.map(({ email }) => email)]
  return unsure.length > 0 ? { ...trail, unsure } : trail
}

/** `to` is included, must not be `from`, and must not be over yet wherever on earth the server is. */
function dayAfterAll(from: LocalDay, now: Date): LocalDay {
  const today = localDayOf(now, 'UTC')
  return addDays(from > today ? from : today, 2)
}

/** What was done to each member; `broken`: those whose own trail the server can't answer. */
async function askEachMember(members: readonly ListedMember[], { send }: AuditRequests) {
  const trails = await pMap(
    members,
    async (member) => {
      const asked = await ask(
        send,
        `read the audit trail of ${oneLine(member.email) || `member ${member.id}`}`,
        `/api/members/${encodeURIComponent(member.id)}/audit`,
      )
      return { member, asked }
    },
    { concurrency: CONCURRENCY },
  )
  const events: unknown[] = []
  const broken: ListedMember[] = []
  for (const { member, asked } of trails) {
    if (asked instanceof TicketsError) {
      broken.push(member)
      // When all fail, it is the server that is broken, not a trail.
      if (broken.length === trails.length) throw asked
      continue
    }
    // A member's trail has what they did to others, too. An event that names nobody is kept: a fault.
    events.push(...asked.filter((event) => (subjectOf(event) ?? member.id) === member.id))
  }
  return { events, broken }
}

/** Halves the period until a half answers; a day that answers neither with the next nor with the one before is unreadable. */
async function askDayByDay(
  first: LocalDay,
  last: LocalDay,
  requests: AuditRequests,
): Promise<{ readonly events: readonly unknown[]; readonly unreadable: readonly LocalDay[] }> {
  if (first === last) {
    for (const start of [first, addDays(first, -1)]) {
      const asked = await askDays(start, addDays(start, 1), requests)
      if (!(asked instanceof TicketsError)) return { events: asked, unreadable: [] }
    }
    return { events: [], unreadable: [first] }
  }
  const asked = await askDays(first, last, requests)
  if (!(asked instanceof TicketsError)) return { events: asked, unreadable: [] }
  const middle = middleOf(first, last)
  const earlier = await askDayByDay(first, middle, requests)
  const later = await askDayByDay(addDays(middle, 1), last, requests)
  return {
    events: [...later.events, ...earlier.events],
    unreadable: [...earlier.unreadable, ...later.unreadable],
  }
}

function middleOf(first: LocalDay, last: LocalDay): LocalDay {
  return addDays(first, Math.floor(daysFrom(first, last) / 2))
}

function askDays(from: LocalDay, to: LocalDay, { send }: AuditRequests): Promise<Asked> {
  return ask(send, `read the audit trail since ${from}`, `/api/audit?from=${from}&to=${to}`)
}

async function ask(send: SendTicketRequest, doing: string, path: string): Promise<Asked> {
  try {
    // The server's own words for a fault of its own come again at once: no patience for them. A 500 in
    // other words may pass, and is the same fault when it does not.
    return await askList(send, { doing, path, final: isUnexpectedFault })
  } catch (error) {
    if (error instanceof TicketsError && error.status === 500) return error
    throw error
  }
}

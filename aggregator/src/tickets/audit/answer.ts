/**
 * Turns what the ticket server sends of its audit into what it tells about days and devices. Tolerant, and
 * exact: an event of another kind is passed over; one that matters and can't be understood is a fault,
 * never lost in silence, and never takes the others with it.
 */
import type { LocalDay } from '@presences/shared'
import { oneLine } from '@presences/shared'
import { z } from 'zod'
import { firstIssue } from '../http/json-answer.ts'
import type { AuditTrail, Correction, DeviceEvent } from '../tickets.ts'
import { CORRECTION_ACTIONS, correctedDayOf } from './corrections.ts'
import { DEVICE_ACTIONS, deviceChangesOf } from './devices.ts'

/** An event that matters, apart from what it is about. */
interface Act {
  readonly action: string
  readonly occurred: Date
  readonly author: string | undefined
  readonly email: string
  readonly context: unknown
}

const KIND = z.object({ action: z.string(), _id: z.string().optional() })
const SUBJECT = z.object({ context: z.object({ memberId: z.string() }) })
const ACT = z.object({
  action: z.string(),
  occurred: z.iso.datetime({ offset: true }),
  author: z.object({ name: z.string().nullish(), email: z.string().nullish() }).nullish(),
  context: z.looseObject({ member: z.object({ email: z.string().nullish() }) }),
})

/**
 * What `events`, newest first as the server sends them, tell of the acts from `from` on (a day in UTC, as
 * the server counts). The same event twice tells once.
 */
export function auditTrailOf(events: readonly unknown[], from: LocalDay): AuditTrail {
  const faults: string[] = []
  const unsure = new Set<string>()
  const acts: Act[] = []
  for (const event of [...withoutRepeats(events)].reverse()) {
    const read = readAct(event)
    if (typeof read === 'string') {
      faults.push(read)
      unsure.add('')
    }
    if (typeof read === 'object' && read.occurred >= new Date(from)) acts.push(read)
  }
  acts.sort((a, b) => a.occurred.getTime() - b.occurred.getTime())

  const corrections: Correction[] = []
  const devices: DeviceEvent[] = []
  for (const { action, occurred, author, email, context } of acts) {
    const failed = (why: string) =>
      faults.push(faultOf(action, `of ${occurred.toISOString()} for ${oneLine(email)}`, why))
    if (CORRECTION_ACTIONS.includes(action)) {
      const corrected = correctedDayOf(context)
      if (typeof corrected === 'string') {
        failed(corrected)
        unsure.add(email)
      } else corrections.push({ email, ...corrected, author, occurred })
    } else {
      const told = deviceChangesOf(action, context)
      devices.push(...told.changes.map((change) => ({ ...change, email, occurred })))
      told.faults.forEach(failed)
    }
  }
  return { corrections, devices, faults, ...(unsure.size > 0 && { unsure: [...unsure] }) }
}

/** The member an event is about; `undefined` when it names none. */
export function subjectOf(event: unknown): string | undefined {
  return SUBJECT.safeParse(event).data?.context.memberId
}

/** By the server's id, and what was done; an event without an id is known by its whole text. */
function withoutRepeats(events: readonly unknown[]): Iterable<unknown> {
  return new Map(events.map((event) => [nameOf(event), event])).values()
}

function nameOf(event: unknown): unknown {
  const { _id, action } = KIND.safeParse(event).data ?? {}
  return _id === undefined ? textOf(event) : `${action} ${_id}`
}

/** What is nested too deeply to be written as text is like no other event. */
function textOf(event: unknown): unknown {
  try {
    return JSON.stringify(event)
  } catch {
    return event
  }
}

/** `undefined` for an event of another kind; in words, why one that matters can't be read. */
function readAct(event: unknown): Act | string | undefined {
  const kind = KIND.safeParse(event)
  if (kind.error) return faultOf('of unknown kind', 'without details', firstIssue(kind.error))
  const { action } = kind.data
  if (!CORRECTION_ACTIONS.includes(action) && !DEVICE_ACTIONS.includes(action)) return undefined
  const { data, error } = ACT.safeParse(event)
  if (error)
    return faultOf(action, `with id ${oneLine(kind.data._id ?? 'unknown')}`, firstIssue(error))
  const { occurred, author, context } = data
  return {
    action,
    occurred: new Date(occurred),
    author: author ? oneLine(author.name || author.email || 'somebody') : undefined,
    email: context.member.email ?? '',
    context,
  }
}

function faultOf(action: string, which: string, why: string): string {
  const where = CORRECTION_ACTIONS.includes(action) ? "the member's days" : "the member's devices"
  return `Can't understand the audit event ${action} ${which}: ${why}; look at ${where} at the ticket server`
}

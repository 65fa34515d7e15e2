/**
 * What a run asks the ticket server about people and amounts. Most of it is asked once a run; what people did is asked
 * again right before posts, since a run takes minutes and a person who corrects a day meanwhile knows better.
 */
import { addDays, type LocalDay, localDayOf } from '@presences/shared'
import type { Log } from '../runtime/log.ts'
import type { AuditTrail, Tickets } from '../tickets/tickets.ts'
import { unlessRefused } from '../tickets/unless-refused.ts'

export interface Questions {
  /** The audit trail is read from this day on. */
  readonly auditedSince: LocalDay
  /** What people did at the ticket server, as far as this run knows by now; `undefined` when it can't be read. */
  readonly audit: () => Promise<AuditTrail | undefined>
  /**
   * Asks what people did to the days of these members since this run asked first; `audit` tells it from then on.
   * Resolves to whether anything was done since then, also when it was told before: a plan may be older than that.
   */
  readonly auditAgain: (emails: readonly string[]) => Promise<'no news' | 'news' | 'unreadable'>
  /** What the ticket server has for a member, read once a run, or until forgotten; `undefined` when it can't be. */
  readonly storedAmounts: (email: string) => Promise<ReadonlyMap<LocalDay, number> | undefined>
  /** For what was posted or set since. */
  readonly forgetStored: (email: string) => void
}

/** People may enter a day so long in advance. What was seen once is kept in the ledger besides. */
export const AUDIT_MARGIN_DAYS = 92

/** The questions of one run about days from `firstDay` on. Nothing is asked yet; what can't be had is logged. */
export function questionsTo(
  tickets: Tickets,
  firstDay: LocalDay,
  now: () => Date,
  log: Pick<Log, 'warn'>,
): Questions {
  const auditedSince = addDays(firstDay, -AUDIT_MARGIN_DAYS)
  // The server counts days in UTC, and its clock may be a little behind.
  const begun = addDays(localDayOf(now(), 'UTC'), -1)
  let first: Promise<AuditTrail | undefined> | undefined
  let latest: AuditTrail | undefined
  const stored = new Map<string, ReturnType<Questions['storedAmounts']>>()

  const audit = async () => {
    first ??= unlessRefused(tickets.auditTrail(auditedSince).then(withFaultsLogged), log)
    const known = await first
    return known && latest ? joined(known, latest) : known
  }
  return {
    auditedSince,
    audit,
    async auditAgain(emails) {
      await audit()
      const known = new Set((await first)?.corrections.map(nameOf))
      const asked = await unlessRefused(tickets.correctionsOf(emails, begun), log)
      const trail = asked ?? { corrections: [], devices: [], faults: [], unsure: emails }
      const unsure = trail.unsure ?? []
      // What could not be told before may be told now.
      latest = { ...(latest ? joined(latest, trail) : trail), unsure }
      const done = trail.corrections.filter((each) => !known.has(nameOf(each)))
      // What was read before that is not what the server has by now.
      for (const { email } of done) stored.delete(email)
      if (unsure.length > 0) return 'unreadable'
      return done.length > 0 ? 'news' : 'no news'
    },
    storedAmounts: (email) => {
      const known = stored.get(email) ?? unlessRefused(tickets.storedAmounts(email), log)
      stored.set(email, known)
      return known
    },
    forgetStored: (email) => stored.delete(email),
  }

  function withFaultsLogged(trail: AuditTrail): AuditTrail {
    for (const fault of trail.faults) log.warn(fault)
    return trail
  }
}

/** Both trails as one: of what both tell, once; corrections in the order of time. */
function joined(a: AuditTrail, b: AuditTrail): AuditTrail {
  const corrections = new Map(
    [...a.corrections, ...b.corrections].map((each) => [nameOf(each), each]),
  )
  return {
    corrections: [...corrections.values()].sort(
      (one, other) => one.occurred.getTime() - other.occurred.getTime(),
    ),
    devices: a.devices,
    faults: [...a.faults, ...b.faults],
    unsure: [...(a.unsure ?? []), ...(b.unsure ?? [])],
  }
}

function nameOf({ email, day, value, occurred }: AuditTrail['corrections'][number]): string {
  return [email, day, value, occurred.toISOString()].join(' ')
}

/**
 * Devices that were registered late have a past nobody was charged for. Replaying it is for a person to decide:
 * here it is only worked out what a replay would post.
 */
import { type LocalDay, type Mac, macToBits } from '@presences/shared'
import type { Amount } from '../domain/amount.ts'
import { inTurn, type Owners } from '../domain/ownership.ts'
import type { RollupRefreshed } from '../rollup/refresh-rollup.ts'
import { planRead } from './plan-day.ts'
import { DayUnreadable, refreshDay } from './read-day.ts'
import type { SettleDeps } from './settle-day.ts'

/** How far back a late registration is looked for. */
export const PROPOSED_DAYS = 92

/** What replaying one device would add for one member, in tickets beyond what was charged. */
export interface Proposal {
  readonly mac: Mac
  readonly email: string
  readonly days: readonly {
    readonly day: LocalDay
    readonly was: number
    readonly amount: Amount
  }[]
}

/**
 * Works out what replaying each of `macs` over `days` would post: from `read`, what the run has read already, and
 * from rollups as they are stored, since a replay looks for late files itself. Days that can't be read are left
 * out: they are reported elsewhere.
 */
export async function proposeReplays(
  macs: ReadonlySet<Mac>,
  days: readonly LocalDay[],
  read: ReadonlyMap<LocalDay, readonly RollupRefreshed[]>,
  ownersOn: (day: LocalDay) => Owners,
  deps: SettleDeps,
): Promise<Proposal[]> {
  // A device that changed hands has the days of two members: each is told under their own e-mail.
  const proposals = new Map<string, { mac: Mac; email: string; days: Proposal['days'][number][] }>()
  if (macs.size === 0) return []
  for (const day of days) {
    const gains = await gainsOf(macs, day, read.get(day), ownersOn(day), deps).catch(
      (error: unknown) => {
        if (error instanceof DayUnreadable) return []
        throw error
      },
    )
    for (const { mac, email, ...gain } of gains) {
      const key = `${mac} ${email}`
      const proposal = proposals.get(key) ?? { mac, email, days: [] }
      proposal.days.push({ day, ...gain })
      proposals.set(key, proposal)
    }
  }
  return [...proposals.values()]
}

/** The days of one member are worth their sum; of two devices seen on the same day the first one has it. */
async function gainsOf(
  macs: ReadonlySet<Mac>,
  day: LocalDay,
  read: readonly RollupRefreshed[] | undefined,
  owners: Owners,
  deps: SettleDeps,
) {
  const late = [...macs].flatMap((mac) => {
    return inTurn(owners.get(mac)).flatMap(({ owner, source }) =>
      owner.kind === 'member' && source === 'registered-late'
        ? [{ bits: macToBits(mac), email: owner.email }]
        : [],
    )
  })
  if (late.length === 0) return []
  const refreshed = read ?? (await refreshDay(day, deps, 'stored'))
  const seen = late.filter(({ bits }) => refreshed.some(({ rollup }) => rollup.devices.has(bits)))
  if (seen.length === 0) return []
  const only = new Set(seen.map(({ email }) => email))
  const { members } = await planRead(day, refreshed, owners, deps, only)
  return members.flatMap(({ email, computed, last, decided, evidence }) => {
    const mac = evidence.devices.find((device) => macs.has(device.mac))?.mac
    if (decided.decision !== 'post' || mac === undefined) return []
    return [{ mac, email, was: typeof last === 'object' ? last.amount : 0, amount: computed }]
  })
}

/**
 * Whoever was there and can't be charged: as long as something can be done, each night tells of it; those who are no
 * members any more are told of once, and what a person closed not at all. Pure.
 */
import { LIMITS } from '@presences/shared'
import type { Amount } from '../domain/amount.ts'
import { closingIn, type DayLedger, type Evidence } from '../ledger/ledger.ts'
import type { DayPresences, OwnerDay, PresenceSettings } from '../presence/presences.ts'

/** Somebody who was there and is no member any more. */
export interface GonePlan {
  readonly name: string
  readonly was: { readonly id: string; readonly email: string }
  readonly computed: Amount
  readonly evidence: Evidence
}

/** Those who are no member any more, and of whom the ledger does not say this yet. */
export function goneIn(
  { unchargeable }: DayPresences,
  { entries }: DayLedger,
  settings: PresenceSettings,
): GonePlan[] {
  return unchargeable.flatMap((seen) => {
    const { owner, amount } = seen
    const was = owner.kind === 'gone' ? owner.was : undefined
    if (!was) return []
    const own = entries.filter(({ member }) => member === was.id)
    const isTold = own.some(({ decision, computed }) => decision === 'hold' && computed === amount)
    return isTold || closingIn(own)
      ? []
      : [{ name: owner.name, was, computed: amount, evidence: evidenceOf(seen, settings) }]
  })
}

/** Without those for whom nobody has anything to do: who is gone, and what was closed. */
export function withoutDone(presences: DayPresences, ledger: DayLedger): DayPresences {
  const unchargeable = presences.unchargeable.filter(
    ({ owner }) => owner.kind !== 'gone' && !isClosedUnder(owner.name, ledger),
  )
  return { ...presences, unchargeable }
}

/** True where a person closed what is told of under a name, and is no member's. */
export function isClosedUnder(name: string, { entries }: DayLedger): boolean {
  const own = entries.filter(({ email, member }) => email === name && member === undefined)
  return closingIn(own) !== undefined
}

/** What was seen, as the ledger keeps it: of more rows than it has room for, those that show a slot which no other shows. */
export function evidenceOf(
  seen: OwnerDay | undefined,
  { rule }: Pick<PresenceSettings, 'rule'>,
  mostRows = LIMITS.evidenceRows,
): Evidence {
  const devices = keptRows(seen?.devices ?? [], mostRows).map(
    ({ mac, location, minutes, slots, source }) => ({
      mac,
      location,
      minutes,
      slots,
      source,
    }),
  )
  return { slots: seen?.slots ?? [], devices, rule }
}

/** In their order. A device in many rooms, or many devices, must not make a ledger that can't be read again. */
function keptRows(rows: OwnerDay['devices'], most: number): OwnerDay['devices'] {
  if (rows.length <= most) return rows
  const shown = new Set<number>()
  const showing = rows.filter(({ slots }) => {
    const isFirst = slots.some((slot) => !shown.has(slot))
    for (const slot of slots) shown.add(slot)
    return isFirst
  })
  const kept = new Set([...new Set([...showing, ...rows])].slice(0, most))
  return rows.filter((row) => kept.has(row))
}

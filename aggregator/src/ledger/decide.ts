/**
 * Post, skip or hold: the one place that decides whether an amount goes to the ticket server. Pure; the
 * table of its cases is its test. Two principles: never lower what was charged unless a person allows it
 * and the cause is known; never write over what a person set.
 */
import { type Amount, formatAmount } from '../domain/amount.ts'
import type { PersonsValue } from '../domain/persons-value.ts'
import type { Decision } from './ledger.ts'

/** The last amount the ticket server was given for this member and day. */
export interface LastPosted {
  /** Any number: what was there before the ledger may have been set by hand. */
  readonly amount: number
  /** `server`: it has an amount that this ledger never posted: the scripts before did, or a person. */
  readonly from: 'ledger' | 'server'
  /** False when the answer to the post was lost: it may not have been stored. */
  readonly isCertain: boolean
}

/** Why there is less evidence than at the last post; only the first three are legitimate. */
export type LowerCause =
  | 'the rule changed'
  | 'a device is not theirs'
  | 'evidence was withdrawn'
  | 'less data'
  | 'not all read'
  | 'unknown'

export interface Situation {
  readonly computed: Amount
  /** Ten-minute slots behind `computed`. */
  readonly slots: number
  /** `unreadable`: the ticket server could not be asked. */
  readonly last: LastPosted | 'none' | 'unreadable'
  /** Who closed this day, and why; `undefined`: nobody did. */
  readonly closed: { readonly by: string; readonly because: string } | undefined
  readonly person: PersonsValue | undefined
  /** What the ticket server holds, 0 for no entry; looked at only where a person set something. */
  readonly stored: number | 'unreadable'
  /** When it is not, `last` is `none` only where the ticket server itself was asked and has nothing. */
  readonly isAuditRead: boolean
  /** Older than yesterday: a person may have had the time to correct it, even to delete it. */
  readonly isOld: boolean
  /** Looked at only when `computed` is lower than `last`. */
  readonly lowerCause: LowerCause
  /** Who withdrew evidence, and why; told where it is the cause. */
  readonly withdrawnBecause?: string | undefined
  /** Who restored evidence since the last post, and why; told of a higher amount. */
  readonly restoredBecause?: string | undefined
  /** What was to be charged once and never was, where there is less data now than then. */
  readonly owed: Amount | undefined
  /** `--allow-lower`. */
  readonly allowLower: boolean
}

export interface Decided {
  readonly decision: Decision
  /** In words, for the ledger, the preview and the member. */
  readonly reason: string
  /**
   * Only for `hold`. `person`: a person has decided already. `covered`: a person has, and the ticket server holds
   * something else. `lower`: somebody must look. `unreadable`: what must be known first can't be read now; a later run
   * tries again. `lost`: what was to be charged can't be told any more.
   */
  readonly holdFor?: 'person' | 'covered' | 'lower' | 'unreadable' | 'lost'
  /** A person said that nothing more is to be done. */
  readonly isClosed?: true
}

const LEGITIMATE: ReadonlySet<LowerCause> = new Set([
  'the rule changed',
  'a device is not theirs',
  'evidence was withdrawn',
])

/** Decides for one member and day. */
export function decide(situation: Situation): Decided {
  const { computed, last, closed, person, owed, isAuditRead, isOld } = situation
  const evidence = formatAmount(computed)
  if (closed) return { ...skip(`closed by ${closed.by}: ${closed.because}`), isClosed: true }
  if (person) return decideBesidePerson(computed, person, situation.stored)
  if (last === 'unreadable') {
    return hold(
      'unreadable',
      "the ticket server's own value for this day can't be read: nothing is written over it",
    )
  }
  const isSo = last !== 'none' && last.isCertain && last.amount === computed
  if (isSo && owed === undefined) {
    return skip(
      last.from === 'ledger' ? 'already so' : 'already so: the ticket server has it from elsewhere',
    )
  }
  if (last === 'none' && computed === 0 && owed === undefined)
    return skip(`${slotsText(situation.slots)}: nothing to charge`)
  // What the server has, or had from us, a person may have set or deleted since.
  if (!isAuditRead && (isOld || last !== 'none')) {
    return hold(
      'unreadable',
      `evidence says ${evidence}, but the audit trail can't be read: a person may have corrected this day`,
    )
  }
  if (
    owed !== undefined &&
    (last === 'none' ? computed === 0 : last.isCertain && computed <= last.amount)
  )
    return holdLost(computed, owed)
  if (last === 'none') return post(`first charge: ${slotsText(situation.slots)}`)
  if (computed > last.amount) {
    const before = last.isCertain ? 'charged before' : 'sent before without an answer'
    const restored = situation.restoredBecause
    const why = restored === undefined ? '' : `; evidence was restored (${restored})`
    const slots = slotsText(situation.slots)
    return post(`more than the ${tickets(last.amount)} ${before}: ${slots}${why}`)
  }
  if (computed === last.amount) return post('sent again: the answer to the last post was lost')
  return decideLower(situation, last)
}

/** A hold never claims what the ticket server does not hold: what the person set is compared with what is there. */
function decideBesidePerson(
  computed: Amount,
  { value, comment, author }: PersonsValue,
  stored: Situation['stored'],
): Decided {
  const who = author ?? 'a person'
  const said = comment.trim() === '' ? 'no comment' : comment.trim()
  if (stored === 'unreadable') {
    return hold(
      'unreadable',
      `${who} set ${tickets(value)} (${said}), but what the ticket server holds can't be read: nothing is written over it`,
    )
  }
  if (stored !== value) {
    return hold(
      'covered',
      `${who} set ${tickets(value)} (${said}), but the ticket server holds ${tickets(stored)}: put it back there by hand, or set the day anew`,
    )
  }
  if (value === computed) return skip(`already so: ${who} set it (${said})`)
  return hold(
    'person',
    `evidence says ${formatAmount(computed)}, ${who} set ${tickets(value)}: ${said}`,
  )
}

function decideLower(situation: Situation, last: LastPosted): Decided {
  const { computed, lowerCause, allowLower } = situation
  const change = `evidence says ${formatAmount(computed)}, ${tickets(last.amount)} was charged`
  // The room is told of, and the day looked at again: there is nothing for a person to decide.
  if (lowerCause === 'not all read') {
    return skip(`${change}, but not all of the day could be read: it stays`)
  }
  if (!LEGITIMATE.has(lowerCause)) {
    const why =
      lowerCause === 'less data'
        ? 'there is less data now than then'
        : 'what it was charged for is not known'
    return hold('lower', `${change}: ${why}; a charge is never lowered for that`)
  }
  const cause = causeText(situation)
  if (allowLower) return post(`lowered, as allowed: ${change}; ${cause}`)
  return hold('lower', `${change}: ${cause}; to lower it, run again with --allow-lower`)
}

function causeText({ lowerCause, withdrawnBecause }: Situation): string {
  const isTold = lowerCause === 'evidence was withdrawn' && withdrawnBecause !== undefined
  return isTold ? `${lowerCause} (${withdrawnBecause})` : lowerCause
}

function holdLost(computed: Amount, owed: Amount): Decided {
  return hold(
    'lost',
    `${tickets(owed)} was to be charged and never was, evidence says ${formatAmount(computed)} now: there is less data than then; put it back, set the day by hand, or close it`,
  )
}

function slotsText(slots: number): string {
  return slots === 1 ? '1 slot' : `${slots} slots`
}

function tickets(value: number): string {
  return Number.isInteger(value) && value !== 0 ? value.toFixed(1) : String(value)
}

const post = (reason: string): Decided => ({ decision: 'post', reason })
const skip = (reason: string): Decided => ({ decision: 'skip', reason })
const hold = (holdFor: NonNullable<Decided['holdFor']>, reason: string): Decided => ({
  decision: 'hold',
  reason,
  holdFor,
})

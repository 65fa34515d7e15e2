/** What is said of one member's day: what they were charged, what it is now, what was decided and why. */
import type { LocalDay } from '@presences/shared'
import type { MemberPlan } from '../charging/plan-member.ts'
import { hasFailed, type MemberSettled } from '../charging/settle-day.ts'
import { formatAmount } from '../domain/amount.ts'

/** The line of one member and day, the same in a preview and a live run: `day email was → is decision: reason`. */
export function memberLine(day: LocalDay, member: MemberSettled): string {
  const { email, last, computed, decided } = member
  return `${day} ${email} ${formatLast(last)} → ${formatAmount(computed)} ${decisionWord(member)}: ${decided.reason}`
}

/** True for a line worth printing: whoever was seen long enough, charged once, or is held. */
export function isWorthSaying({ computed, last, decided }: MemberPlan): boolean {
  return (
    computed > 0 || decided.decision !== 'skip' || (typeof last === 'object' && last.amount > 0)
  )
}

/** What the server had, as text: `-` for nothing, `?` when it could not be asked. */
export function formatLast(last: MemberPlan['last']): string {
  if (last === 'none') return '-'
  return last === 'unreadable' ? '?' : formatValue(last.amount)
}

/** `post`, `skip`, `hold`, or `NOT POSTED` when it was tried and failed. */
export function decisionWord(member: MemberSettled): string {
  return hasFailed(member) ? 'NOT POSTED' : member.decided.decision
}

/** A person may have set any number. */
function formatValue(value: number): string {
  return value === 0 || !Number.isInteger(value) ? String(value) : value.toFixed(1)
}

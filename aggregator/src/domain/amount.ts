/** What one member owes for one civil day (design, section 2). */

/** Tickets for one member and one civil day. */
export const AMOUNTS = [0, 0.5, 1] as const
export type Amount = (typeof AMOUNTS)[number]

/** An amount as it is printed and posted: `0`, `0.5`, `1.0`. */
export function formatAmount(amount: Amount): string {
  return amount === 0 ? '0' : amount.toFixed(1)
}

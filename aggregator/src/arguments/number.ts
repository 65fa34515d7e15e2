/** A number that was told before, as a person gives it back. */
import { UsageError } from './usage-error.ts'

/** Reads a whole number from 1 on. Throws UsageError. */
export function requireNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text.trim())) return Number(text)
  throw new UsageError(`${JSON.stringify(text)} is not the number of a proposal, such as 3`)
}

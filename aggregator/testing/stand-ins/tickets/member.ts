/** Whom the stand-in ticket server knows. */

/** A member as the real server keeps one. Everything as typed: e-mail and names may be empty. */
export interface StandInMember {
  readonly id: string
  readonly wpUserId: number
  email: string
  firstName: string
  lastName: string
  /** Days (`YYYY-MM-DD`) whose effective value becomes 0 when they are posted. */
  trialDays: string[]
  /** Days that a subscription pays for instead of tickets. */
  subscriptionDays: string[]
  macs: string[]
}

/** A correction, as far as deciding needs it: a person's value is never written over. */

/** What a person set for a member and day at the ticket server. */
export interface PersonsValue {
  readonly value: number
  readonly comment: string
  readonly author: string | undefined
}

/** How much of a day was looked at: minutes nobody looked at are not minutes nobody was there. */

/** How well one location was looked at in the opening hours that were over by then. */
export interface Coverage {
  readonly location: string
  /** `undefined`: old day files say nothing about looking. */
  readonly lookedMinutes: number | undefined
  readonly openMinutes: number
}

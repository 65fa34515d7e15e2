/** Something that must not be so, found by the judge or on the way. */
export interface Failure {
  readonly day: string
  readonly member: string
  readonly what: string
}

/** What was asked for can't be done as it is written: a MAC, an option, a file. The message says what is accepted. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The spool as the story of a minute sees it. Its one adapter is folder-spool.ts; budget.ts bounds any. */

/** Where minute files wait to be shipped. */
export interface Spool {
  /** Adds a file, whole and durable, and gives its full path. What was added before is never replaced. Throws SpoolError. */
  add(path: string, text: string): Promise<Added>
}

export interface Added {
  readonly path: string
  readonly outcome: 'written' | 'already-there'
}

/** The spool can't take a minute file; the message says why and what to do. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError'
}

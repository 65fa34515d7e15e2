/**
 * What one run asked the ticket server in vain. An attempt that failed says nothing while the next one is answered
 * well: only what was never answered, or was given up once, may be a reason for what the run did.
 */

export interface Questions {
  /** An attempt ended: answered well, or not. */
  attempted(question: string, isAnswered: boolean): void
  readonly unanswered: ReadonlySet<string>
  /** Those of `unanswered` that were tried as often as the programs try. */
  readonly givenUp: ReadonlySet<string>
  /** Those that failed at some time, whatever came later: what people did is asked anew before each handful of posts. */
  readonly failedOnce: ReadonlySet<string>
}

/** So often the programs ask. After that they may ask anew, and be answered: what waited for it has gone without. */
const ATTEMPTS = 6

export function createQuestions(): Questions {
  const failures = new Map<string, number>()
  const unanswered = new Set<string>()
  const givenUp = new Set<string>()
  const failedOnce = new Set<string>()
  return { attempted, unanswered, givenUp, failedOnce }

  function attempted(question: string, isAnswered: boolean): void {
    const inARow = isAnswered ? 0 : (failures.get(question) ?? 0) + 1
    failures.set(question, inARow)
    if (inARow >= ATTEMPTS) givenUp.add(question)
    if (!isAnswered) {
      unanswered.add(question)
      failedOnce.add(question)
    } else if (!givenUp.has(question)) unanswered.delete(question)
  }
}

export function postingOf(email: string, day: string): string {
  return questionOf('/api/presence', email, day)
}

/** How the judge and the line call one question: its path, and what tells it from others of that path. */
export function questionOf(path: string, ...details: readonly string[]): string {
  return [path, ...details].join(' ')
}

/** What decides a charge and remembers it, broken; and the lease. */
import type { Mutant } from './mutant.ts'

export const LEDGER: readonly Mutant[] = [
  {
    name: 'forgets-failed-posts',
    what: 'takes a post without an answer for done',
    file: 'ledger/ledger.ts',
    from: "isCertain: entry.outcome === 'posted' }",
    to: 'isCertain: true }',
  },
  {
    name: 'lowers-on-missing-data',
    what: 'posts less when there is less data than before',
    file: 'ledger/decide.ts',
    from: 'if (!LEGITIMATE.has(lowerCause)) {',
    to: "if (lowerCause === 'less data') return post('sent again: the answer to the last post was lost')\n  if (!LEGITIMATE.has(lowerCause)) {",
  },
  {
    name: 'posts-over-corrections',
    what: 'knows better than the person who corrected a day',
    file: 'ledger/decide.ts',
    from: 'if (person) return decideBesidePerson(computed, person, situation.stored)',
    to: "if (person && person.value !== computed) return post('sent again: the answer to the last post was lost')",
  },
  {
    name: 'ignores-the-lease',
    what: 'charges while another run does',
    file: 'ledger/lease.ts',
    from: 'return isFree ? undefined : held',
    to: 'return isFree || held ? undefined : held',
  },
  {
    name: 'posts-without-audit',
    what: 'posts over what the server has while nobody can tell who set it',
    file: 'ledger/decide.ts',
    from: "if (!isAuditRead && (isOld || last !== 'none')) {",
    to: 'if (!isAuditRead && isOld) {',
  },
]

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
    from: 'if (held.holder === null || held.holder === run.id) return undefined',
    to: 'if (held.version === 1) return undefined',
  },
  {
    name: 'takes-over-early',
    what: 'takes the lease of a run that has not renewed it for some seconds',
    file: 'ledger/lease.ts',
    from: 'return leftMs > 0 ?',
    to: 'return leftMs > 46_000 ?',
  },
  {
    name: 'renews-never',
    what: 'charges on when its lease is over',
    file: 'ledger/lease.ts',
    from: 'return held.until - clock.now().getTime() > ms',
    to: 'return ms > 0',
  },
  {
    name: 'trusts-its-clock',
    what: 'charges and remembers by a clock that is months ahead',
    file: 'charging/while-leased.ts',
    from: 'checkClock(lease.takenAt, clock.now())',
    to: 'checkClock(undefined, clock.now())',
  },
  {
    name: 'stops-at-damaged-memory',
    what: 'charges nobody for a damaged note about runs',
    file: 'charging/nightly-memory.ts',
    from: 'const kept = await readNote(store, KEY, schema, aside)',
    to: "const kept = await readNote(store, KEY, schema, { ...aside, onSetAside: () => { throw new StoreError('damaged') } })",
  },
  {
    name: 'forgets-with-its-memory',
    what: 'knows nothing of what was left undone when its memory is lost',
    file: 'charging/nightly-memory.ts',
    from: 'const { lastRun: ranOn, openDays: open } = await memoryFromLedgers(deps)',
    to: 'const { lastRun: ranOn, openDays: open } = { lastRun: undefined, openDays: [] as LocalDay[] }\n  await memoryFromLedgers(deps)',
  },
  {
    name: 'posts-without-audit',
    what: 'posts over what the server has while nobody can tell who set it',
    file: 'ledger/decide.ts',
    from: "if (!isAuditRead && (isOld || last !== 'none')) {",
    to: 'if (!isAuditRead && isOld) {',
  },
  {
    name: 'holds-without-looking',
    what: 'says that it holds what a person set, whatever the server holds',
    file: 'ledger/decide.ts',
    from: 'if (stored !== value) {',
    to: "if (stored !== value && author === '') {",
  },
]

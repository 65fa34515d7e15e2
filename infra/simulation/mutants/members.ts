/** Who owns which device, broken. */
import type { Mutant } from './mutant.ts'

export const MEMBERS: readonly Mutant[] = [
  {
    name: 'todays-owners',
    what: "charges the past to the devices' present owners",
    file: 'members/owners-on.ts',
    from: 'ownerOn(history, mac, day)',
    to: "ownerOn(history, mac, '9999-12-31' as LocalDay)",
  },
  {
    name: 'accepts-halved-maps',
    what: 'takes a member map that lost most of its rows',
    file: 'members/observe-map.ts',
    from: 'if (!acceptShrunk) refuseShrunk(history, lost)',
    to: 'if (acceptShrunk === undefined) refuseShrunk(history, lost)',
  },
  {
    name: 'forgets-renames',
    what: 'takes a member whose e-mail changed for somebody else',
    file: 'members/member-renames.ts',
    from: 'return found\n    .filter(',
    to: 'return found.slice(0, 0)\n    .filter(',
  },
  {
    name: 'imports-nothing',
    what: 'knows nothing of who had a device before the first run',
    file: 'members/import-audit.ts',
    from: 'if (merged === filled && filled.length === known.length) continue',
    to: 'if (merged !== undefined) continue',
  },
  {
    name: 'charges-the-space',
    what: "charges the space's own devices",
    file: 'members/member-map.ts',
    from: 'if (claims.every(',
    to: 'if (claims.length < 0 && claims.every(',
  },
  {
    name: 'asks-nothing-of-gaps',
    what: 'takes whoever had a device before the missed nights for its owner through them',
    file: 'members/history-store.ts',
    from: 'const gap = gapFrom && (await options.gapSince?.(gapFrom))',
    to: 'const gap = undefined',
  },
  {
    name: 'knows-by-email-only',
    what: "takes an e-mail's user of another day for who has it now",
    file: 'members/identities.ts',
    from: 'if (member !== undefined && !wasNeverListed(history))',
    to: 'if (member !== undefined && history === undefined)',
  },
  {
    name: 'charges-heirs',
    what: 'charges whoever was given the e-mail of a member who is gone',
    file: 'members/owners-on.ts',
    from: "return { kind: 'gone', name, was: { id: owner.id, email: owner.email } }",
    to: 'return owner',
  },
  {
    name: 'guesses-in-gaps',
    what: 'takes whoever had a device before or after a gap for its owner in it, where nobody tells when it changed hands',
    file: 'members/gap.ts',
    from: 'return withDoubt(intervals, last, owner, known, day)',
    to: 'withDoubt(intervals, last, owner, known, day)\n  return intervals',
  },
  {
    name: 'trusts-old-lists',
    what: 'takes the ids of a list of members of another day for those of today',
    file: 'members/observe-map.ts',
    from: 'listed ? undefined : namesById(history))',
    to: 'listed ? undefined : (namesById(history), undefined))',
  },
]

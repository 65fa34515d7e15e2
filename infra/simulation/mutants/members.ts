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
]

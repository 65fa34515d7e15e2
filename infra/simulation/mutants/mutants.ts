/** The programs, broken on purpose where such systems go wrong: one file for each part of them. */
import { CHARGING } from './charging.ts'
import { LEDGER } from './ledger.ts'
import { MEMBERS } from './members.ts'
import type { Mutant } from './mutant.ts'
import { PRESENCE } from './presence.ts'
import { PROBE } from './probe.ts'
import { ROLLUP } from './rollup.ts'
import { SERVERS } from './servers.ts'

export const MUTANTS: readonly Mutant[] = [
  ...CHARGING,
  ...LEDGER,
  ...PRESENCE,
  ...MEMBERS,
  ...ROLLUP,
  ...SERVERS,
  ...PROBE,
]

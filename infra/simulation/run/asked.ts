/** What `pnpm simulate` is asked for: its options, read and checked. README.md tells what comes of each. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { parsed, UsageError, wholeNumber } from '../../command-line.ts'
import { FAULT_KINDS, type FaultKind } from '../faults/faults.ts'
import type { Mutant } from '../mutants/mutant.ts'
import { MUTANTS } from '../mutants/mutants.ts'
import { LEAST_DAYS, type SimulationOptions } from '../simulation.ts'
import type { StoreKind } from '../space/space.ts'
import { MUTANT_DAYS, type SoakOptions } from './soak.ts'

export type Asked =
  | { readonly kind: 'help' | 'list of mutants' }
  | {
      readonly kind: 'one world'
      readonly options: SimulationOptions
      readonly mutant: Mutant | undefined
      readonly trail: boolean
      readonly shrink: boolean
    }
  | {
      readonly kind: 'soak'
      readonly options: SoakOptions
      readonly mutant: Mutant | undefined
      readonly minutes: number
      readonly seeds: number
      readonly workers: number
    }
  | {
      readonly kind: 'mutants'
      readonly options: SimulationOptions
      readonly mutants: readonly Mutant[]
      readonly workers: number
    }

const MOST_LOCATIONS = 4
const MOST_WORKERS = 256

export const HELP = `pnpm simulate [options]: lives through a whole space, and judges it. infra/simulation/README.md tells more.
Type npx -y pnpm@… as README.md has it wherever pnpm stands, also in what a failure prints.
  --seed N          the world, or the first of them (1)
  --days N          how long it lives, at least ${LEAST_DAYS} (60)
  --people N        at the beginning (8; in a soak as the seed draws it)
  --locations N     1 to ${MOST_LOCATIONS} (2; in a soak as the seed draws it)
  --without A,B     kinds of fault it is spared: ${FAULT_KINDS.join(', ')}
  --store s3|port   over the real S3 adapter or without (as the seed draws it)
  --trail           all that happened, a line each
  --shrink          when it fails: a smaller world that fails so too
  --soak MINUTES    world after world for so long, and a table
  --seeds N         so many worlds, and a table
  --workers N       worlds at once in a soak or table, at most ${MOST_WORKERS} (one a core)
  --break NAME      the programs broken on purpose; 'list' names them, 'all' or A,B make the table;
                    of --days ${MUTANT_DAYS} at most there`

const OPTIONS = {
  seed: { type: 'string', default: '1' },
  days: { type: 'string', default: '60' },
  people: { type: 'string' },
  locations: { type: 'string' },
  without: { type: 'string', default: '' },
  store: { type: 'string' },
  soak: { type: 'string' },
  seeds: { type: 'string' },
  workers: { type: 'string', default: String(availableParallelism()) },
  shrink: { type: 'boolean', default: false },
  break: { type: 'string' },
  trail: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** What `args`, those after the program's name, ask for. Throws UsageError. */
export function readArguments(args: readonly string[]): Asked {
  const { values, tokens } = parsed(() =>
    parseArgs({ args: [...args], options: OPTIONS, tokens: true }),
  )
  refuseTwice(tokens.flatMap((token) => (token.kind === 'option' ? [`--${token.name}`] : [])))
  if (values.help) return { kind: 'help' }
  if (values.break === 'list') return { kind: 'list of mutants' }
  const { people, locations, store, soak, seeds, trail, shrink } = values
  const names = values.break?.split(',') ?? []
  refuseTwice(names)
  const mutants = values.break === 'all' ? MUTANTS : values.break && names.map(mutantOf)
  const mutant = mutants && mutants.length === 1 ? mutants[0] : undefined
  const drawn: SoakOptions = {
    seed: wholeNumber('seed', values.seed, 0),
    days: wholeNumber('days', values.days, LEAST_DAYS),
    ...(people !== undefined && { people: wholeNumber('people', people, 1) }),
    ...(locations !== undefined && {
      locations: wholeNumber('locations', locations, 1, MOST_LOCATIONS),
    }),
    without: new Set(values.without.split(',').filter(Boolean).map(faultOf)),
    ...(store !== undefined && { store: storeOf(store) }),
    ...(mutant && { broken: mutant.name }),
  }
  const options: SimulationOptions = { people: 8, locations: 2, ...drawn }
  const workers = wholeNumber('workers', values.workers, 1, MOST_WORKERS)
  const isSoak = soak !== undefined || seeds !== undefined
  const isTable = mutants && !mutant
  if (isSoak && isTable) refuse('a soak', 'more than one mutant')
  if ((isSoak || isTable) && shrink) refuse('--shrink', 'more than one world')
  if ((isSoak || isTable) && trail) refuse('--trail', 'more than one world')
  if (isTable && options.days > MUTANT_DAYS) {
    throw new UsageError(`--days must be at most ${MUTANT_DAYS} for a table of mutants`)
  }
  if (isTable) return { kind: 'mutants', options, mutants, workers }
  if (!isSoak) return { kind: 'one world', options, mutant, trail, shrink }
  const minutes = soak === undefined ? Number.POSITIVE_INFINITY : minutesOf(soak)
  const count = seeds === undefined ? Number.POSITIVE_INFINITY : wholeNumber('seeds', seeds, 1)
  return { kind: 'soak', options: drawn, mutant, minutes, seeds: count, workers }
}

function refuse(option: string, what: string): never {
  throw new UsageError(`${option} does not go with ${what}`)
}

function refuseTwice(given: readonly string[]): void {
  const twice = given.find((each, place) => given.indexOf(each) < place)
  if (twice) throw new UsageError(`${twice} is given twice`)
}

function mutantOf(name: string): Mutant {
  const mutant = MUTANTS.find((each) => each.name === name)
  if (mutant) return mutant
  throw new UsageError(`There is no mutant ${name}: see --break list`)
}

function faultOf(name: string): FaultKind {
  const kind = FAULT_KINDS.find((each) => each === name)
  if (kind) return kind
  throw new UsageError(`There is no fault ${name}: ${FAULT_KINDS.join(', ')}`)
}

function minutesOf(text: string): number {
  const minutes = Number(text)
  if (minutes > 0 && Number.isFinite(minutes)) return minutes
  throw new UsageError('--soak must be a number of minutes above 0')
}

function storeOf(name: string): StoreKind {
  if (name === 's3' || name === 'port') return name
  throw new UsageError('--store must be s3 or port')
}

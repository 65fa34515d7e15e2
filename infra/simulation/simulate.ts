/** `pnpm simulate`: one world, a soak of fresh ones, a smaller one that fails, or mutants. README.md tells how. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { type Crew, gatherCrew } from './crew.ts'
import { FAULT_KINDS, type FaultKind } from './faults.ts'
import { bundleWorker } from './load.ts'
import { MUTANTS, type Mutant } from './mutants.ts'
import { describeFailure, describeWorld } from './report.ts'
import { shrink } from './shrink.ts'
import type { SimulationOptions } from './simulation.ts'
import { catchMutants, crashed, type SoakOptions, soak } from './soak.ts'

const options = {
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

const HELP =
  'Options: --seed N --days N --people N --locations N --soak MINUTES --seeds N --shrink --trail --break NAME; all of them, and what they do: infra/simulation/README.md'

/** Something asked for that there is not. */
class UsageError extends Error {}

void main().then(
  (isRight) => {
    process.exitCode = isRight ? 0 : 1
  },
  (error: unknown) => {
    const isUsage = error instanceof UsageError || String(error).includes('ERR_PARSE_ARGS')
    console.error(isUsage ? `${(error as Error).message}\n${HELP}` : error)
    process.exitCode = isUsage ? 2 : 3
  },
)

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options })
  if (values.help) {
    console.log(HELP)
    return true
  }
  const { people, locations } = values
  const given: SoakOptions = {
    seed: wholeNumber('seed', values.seed, 0),
    days: wholeNumber('days', values.days, 8),
    ...(people !== undefined && { people: wholeNumber('people', people, 1) }),
    ...(locations !== undefined && { locations: wholeNumber('locations', locations, 1, 4) }),
    without: new Set(values.without.split(',').filter(Boolean).map(faultOf)),
    ...(values.store !== undefined && { store: storeOf(values.store) }),
  }
  const workers = wholeNumber('workers', values.workers, 1, 256)
  if (values.break === 'list') return listMutants()
  const mutants = values.break === 'all' ? MUTANTS : values.break?.split(',').map(mutantOf)
  const one = mutants?.length === 1 ? mutants[0] : undefined
  const wanted: SoakOptions = { ...given, ...(one && { broken: one.name }) }
  const asked: SimulationOptions = { people: 8, locations: 2, ...wanted }
  if (mutants && !one) {
    return catchMutants(asked, mutants, (mutant) => crewOf(1, mutant), workers, console.log)
  }
  const isSoak = values.soak !== undefined || values.seeds !== undefined
  const crew = await crewOf(isSoak ? workers : 1, one)
  try {
    if (!isSoak) return await oneWorld(asked, crew, values)
    const limits = {
      minutes: values.soak === undefined ? Number.POSITIVE_INFINITY : minutesOf(values.soak),
      seeds:
        values.seeds === undefined
          ? Number.POSITIVE_INFINITY
          : wholeNumber('seeds', values.seeds, 1),
      untilAskedToEnd: new Promise<void>((resolve) => process.on('SIGINT', () => resolve())),
    }
    return await soak(wanted, limits, crew, console.log, console.error)
  } finally {
    await crew.dismiss()
  }
}

async function oneWorld(
  asked: SimulationOptions,
  { simulate }: Crew,
  wanted: { readonly trail: boolean; readonly shrink: boolean },
): Promise<boolean> {
  const done = await simulate(asked).catch((error: unknown) => {
    for (const line of crashed(asked, error)) console.log(line)
  })
  if (!done) return false
  for (const line of describeWorld(asked, done)) console.log(line)
  for (const line of describeFailure(asked, done)) console.log(line)
  if (wanted.trail) for (const line of done.trail.lines) console.log(line)
  if (wanted.shrink && done.failures.length > 0) await shrink(asked, simulate, console.log)
  return done.failures.length === 0
}

/** A crew for the programs as they are, or as `mutant` breaks them. */
async function crewOf(size: number, mutant?: Mutant): Promise<Crew> {
  const { script, remove } = await bundleWorker(mutant)
  const crew = gatherCrew(script, size)
  const dismiss = async () => {
    await crew.dismiss()
    await remove()
  }
  return { ...crew, dismiss }
}

function listMutants(): boolean {
  for (const { name, what } of MUTANTS) console.log(`${name.padEnd(28)} ${what}`)
  return true
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

function storeOf(name: string): 's3' | 'port' {
  if (name === 's3' || name === 'port') return name
  throw new UsageError('--store must be s3 or port')
}

function wholeNumber(name: string, text: string, min: number, max = 1e9): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new UsageError(`--${name} must be a whole number from ${min} to ${max}`)
}

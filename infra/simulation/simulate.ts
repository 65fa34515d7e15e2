/** `pnpm simulate`: one world, a soak of fresh ones, a smaller one that fails, or mutants. README.md tells how. */
import { parseArgs } from 'node:util'
import { FAULT_KINDS, type FaultKind } from './faults.ts'
import { loadSimulation } from './load.ts'
import { MUTANTS, type Mutant } from './mutants.ts'
import { describeFailure, describeWorld } from './report.ts'
import { shrink } from './shrink.ts'
import type { SimulationOptions } from './simulation.ts'
import { catchMutants, soak } from './soak.ts'

const options = {
  seed: { type: 'string', default: '1' },
  days: { type: 'string', default: '60' },
  people: { type: 'string', default: '8' },
  locations: { type: 'string', default: '2' },
  without: { type: 'string', default: '' },
  soak: { type: 'string' },
  shrink: { type: 'boolean', default: false },
  break: { type: 'string' },
  trail: { type: 'boolean', default: false },
} as const

void main().then((isRight) => {
  process.exitCode = isRight ? 0 : 1
})

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options })
  const asked: SimulationOptions = {
    seed: wholeNumber('seed', values.seed, 0),
    days: wholeNumber('days', values.days, 8),
    people: wholeNumber('people', values.people, 1),
    locations: wholeNumber('locations', values.locations, 1, 4),
    without: new Set(values.without.split(',').filter(Boolean).map(faultOf)),
  }
  if (values.break === 'list') return listMutants()
  if (values.break !== undefined) {
    const mutants = values.break === 'all' ? MUTANTS : values.break.split(',').map(mutantOf)
    if (values.break === 'all' || mutants.length > 1)
      return catchMutants(asked, mutants, console.log)
  }
  const mutant = values.break === undefined ? undefined : mutantOf(values.break)
  const simulate = await loadSimulation(mutant)
  if (values.soak !== undefined) {
    return soak(asked, Number(values.soak), simulate, console.log)
  }
  const done = await simulate(asked)
  for (const line of describeWorld(asked, done)) console.log(line)
  for (const line of describeFailure(asked, done)) console.log(line)
  if (values.trail) for (const line of done.trail.lines) console.log(line)
  if (values.shrink && done.failures.length > 0) await shrink(asked, simulate, console.log)
  return done.failures.length === 0
}

function listMutants(): boolean {
  for (const { name, what } of MUTANTS) console.log(`${name.padEnd(28)} ${what}`)
  return true
}

function mutantOf(name: string): Mutant {
  const mutant = MUTANTS.find((each) => each.name === name)
  if (mutant) return mutant
  throw new Error(`There is no mutant ${name}: see --break list`)
}

function faultOf(name: string): FaultKind {
  const kind = FAULT_KINDS.find((each) => each === name)
  if (kind) return kind
  throw new Error(`There is no fault ${name}: ${FAULT_KINDS.join(', ')}`)
}

function wholeNumber(name: string, text: string, min: number, max = 1e9): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new Error(`--${name} must be a whole number from ${min} to ${max}`)
}

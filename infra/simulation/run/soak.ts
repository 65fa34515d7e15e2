/** Many worlds: fresh seeds for as long as one has, and the table of what is caught and what is not. */
import { randomOf } from '../../random.ts'
import { FAULT_KINDS, type FaultKind } from '../faults/faults.ts'
import type { Mutant } from '../mutants/mutant.ts'
import type { Simulated, SimulationOptions } from '../simulation.ts'
import type { Crew } from './crew.ts'
import { commandOf, describeFailure } from './report.ts'

/** What all worlds of a soak have; the size of each is drawn, where it is not given. */
export type SoakOptions = Omit<SimulationOptions, 'people' | 'locations'> &
  Partial<Pick<SimulationOptions, 'people' | 'locations'>>

type Simulate = (options: SimulationOptions) => Promise<Simulated>
type Print = (line: string) => void

/** When a soak ends: whatever comes first. */
export interface SoakLimits {
  readonly minutes: number
  readonly seeds: number
  /** Somebody wants no more than what is done. */
  readonly untilAskedToEnd: Promise<void>
}

const MS_PER_MINUTE = 60_000
const TELL_EVERY_MS = 15_000
/** Failing worlds that are told in full; of the others there is the command. */
const FAILURES_TOLD = 5
/** A mutant lives so long at most, over as many seeds as it takes. */
export const MUTANT_DAYS = 200

/** Lives through worlds from `from.seed` on, all of `crew` at once; true when none failed, and there was one. */
export async function soak(
  from: SoakOptions,
  limits: SoakLimits,
  crew: Pick<Crew, 'size' | 'simulate'>,
  print: Print,
  tell: Print,
): Promise<boolean> {
  const began = performance.now()
  const elapsed = () => (performance.now() - began) / MS_PER_MINUTE
  const worlds = new Map<FaultKind, number>()
  const total = { begun: 0, done: 0, runs: 0, killed: 0, posts: 0, failed: 0, onS3: 0 }
  let isOver = false
  let told = began

  await Promise.race([Promise.all(Array.from({ length: crew.size }, lane)), limits.untilAskedToEnd])
  isOver = true
  table()
  return total.failed === 0 && total.done > 0

  async function lane(): Promise<void> {
    while (!isOver && total.begun < limits.seeds && elapsed() < limits.minutes) {
      const seed = from.seed + total.begun
      const options = { ...sizeOf(seed), ...from, seed }
      total.begun += 1
      const lived = await crew.simulate(options).catch((error: unknown) => ({ error }))
      if (isOver) return
      total.done += 1
      const failure = 'error' in lived ? crashed(options, lived.error) : failureOf(options, lived)
      if (failure.length > 0) {
        total.failed += 1
        for (const line of total.failed > FAILURES_TOLD ? failure.slice(-1) : failure) print(line)
      }
      if (performance.now() - told < TELL_EVERY_MS) continue
      told = performance.now()
      tell(`${total.done} worlds, ${total.failed} failed, ${daysAMinute()} days a minute`)
    }
  }

  function failureOf(options: SimulationOptions, lived: Simulated): string[] {
    total.runs += lived.counts.runs
    total.killed += lived.counts.killed
    total.posts += lived.counts.posts
    if (lived.store === 's3') total.onS3 += 1
    for (const kind of FAULT_KINDS) {
      if (lived.faults[kind] > 0) worlds.set(kind, (worlds.get(kind) ?? 0) + 1)
    }
    return describeFailure(options, lived)
  }

  function table(): void {
    const { begun, done, failed, runs, killed, posts, onS3 } = total
    const unfinished = begun > done ? `, ${begun - done} left unfinished` : ''
    if (done === 0) print('No world was lived to its end: nothing is shown')
    print(
      `${done} worlds × ${from.days} days, from seed ${from.seed} on: ${failed} failed${unfinished}`,
    )
    print(
      `${runs} runs, ${killed} killed, ${posts} posts stored; ${daysAMinute()} days a minute, ${crew.size} world${crew.size === 1 ? '' : 's'} at once`,
    )
    for (const kind of FAULT_KINDS) print(`  ${kind.padEnd(18)} in ${worlds.get(kind) ?? 0} worlds`)
    print(`  ${'the S3 adapter'.padEnd(18)} in ${onS3} worlds`)
  }

  function daysAMinute(): number {
    return Math.round((total.done * from.days) / elapsed())
  }
}

/** Two people in one room, or a dozen in three: what many hide shows in a small space, and the other way round. */
function sizeOf(seed: number): Pick<SimulationOptions, 'people' | 'locations'> {
  const random = randomOf(seed).fork('size')
  return {
    people: random.pick([2, 2, 3, 3, 4, 5, 6, 12]),
    locations: random.pick([1, 1, 1, 2, 2, 3]),
  }
}

/** A world that ended in an error of the simulation itself, or with its thread. */
export function crashed(options: SimulationOptions, error: unknown): string[] {
  const what = error instanceof Error ? error.message : String(error)
  return [
    `FAILED seed ${options.seed}, not lived to its end: ${what}`,
    `again: ${commandOf(options)}`,
  ]
}

/**
 * Every mutant, `atOnce` of them at a time, each in a crew of its own; true when each was caught. `crewOf` without a
 * mutant is of the programs as they are: where those fail too, nothing was caught.
 */
export async function catchMutants(
  from: SimulationOptions,
  mutants: readonly Mutant[],
  crewOf: (mutant?: Mutant) => Promise<Crew>,
  atOnce: number,
  print: Print,
): Promise<boolean> {
  print(`${'mutant'.padEnd(30)} caught after days  by`)
  const unbroken = await crewOf()
  const lived = new Map<number, Promise<Simulated>>()
  const rows: Promise<boolean>[] = []
  for (const [number, mutant] of mutants.entries()) {
    rows.push(row(mutant, rows[number - atOnce]))
  }
  try {
    return (await Promise.all(rows)).every(Boolean)
  } finally {
    await unbroken.dismiss()
  }

  /** Each world once, for all mutants that fail in it. */
  function asIs(options: SimulationOptions): Promise<Simulated> {
    const known = lived.get(options.seed) ?? unbroken.simulate(options)
    lived.set(options.seed, known)
    return known
  }

  async function row(mutant: Mutant, before?: Promise<unknown>): Promise<boolean> {
    await before
    const caught = await caughtBy(mutant.name, await crewOf(mutant))
    const days = caught ? String(caught.days) : 'NOT'
    print(`${mutant.name.padEnd(30)} ${days.padStart(17)}  ${caught?.how ?? ''}`)
    return caught !== undefined
  }

  async function caughtBy(name: string, { simulate, dismiss }: Crew) {
    try {
      return await catchMutant({ ...from, broken: name }, simulate, asIs)
    } finally {
      await dismiss()
    }
  }
}

/**
 * How many days it lived, and what gave it away; `undefined` when it got through. A world in which the programs as they
 * are (`unbroken`) fail as well gives nothing away.
 */
export async function catchMutant(
  from: SimulationOptions,
  simulate: Simulate,
  unbroken: Simulate,
): Promise<{ readonly days: number; readonly how: string } | undefined> {
  for (let lived = 0; lived + from.days <= MUTANT_DAYS; lived += from.days) {
    const options = { ...from, seed: from.seed + lived / from.days }
    const first = await firstFailure(simulate(options))
    if (!first || (await firstFailure(unbroken(options)))) continue
    const how = `${first} (${commandOf(options)})`
    return { days: lived + options.days, how }
  }
  return undefined
}

/** In words, also of a world that is not lived to its end. */
function firstFailure(living: Promise<Simulated>): Promise<string | undefined> {
  return living.then(
    ({ failures: [first] }) => first && `${first.day} ${first.member}: ${first.what}`,
    (error: Error) => `not lived to its end: ${error.message.split('\n')[0]}`,
  )
}

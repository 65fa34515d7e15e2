/** Many worlds: fresh seeds for as long as one has, and the table of what is caught and what is not. */
import { FAULT_KINDS, type FaultKind } from './faults.ts'
import { loadSimulation } from './load.ts'
import type { Mutant } from './mutants.ts'
import { commandOf, describeFailure } from './report.ts'
import type { Simulated, SimulationOptions } from './simulation.ts'

type Simulate = (options: SimulationOptions) => Promise<Simulated>
type Print = (line: string) => void

const MS_PER_MINUTE = 60_000
/** A mutant lives so long at most, over as many seeds as it takes. */
const MUTANT_DAYS = 200

/** Lives through worlds from `from.seed` on for `minutes`; true when none failed. */
export async function soak(
  from: SimulationOptions,
  minutes: number,
  simulate: Simulate,
  print: Print,
): Promise<boolean> {
  const began = performance.now()
  const worlds = new Map<FaultKind, number>()
  const total = { worlds: 0, days: 0, runs: 0, killed: 0, posts: 0, failed: 0 }
  for (let seed = from.seed; performance.now() - began < minutes * MS_PER_MINUTE; seed += 1) {
    const options = { ...from, seed }
    const done = await simulate(options)
    total.worlds += 1
    total.days += options.days
    total.runs += done.counts.runs
    total.killed += done.counts.killed
    total.posts += done.counts.posts
    for (const kind of FAULT_KINDS) {
      if (done.faults[kind] > 0) worlds.set(kind, (worlds.get(kind) ?? 0) + 1)
    }
    if (done.failures.length === 0) continue
    total.failed += 1
    for (const line of describeFailure(options, done)) print(line)
  }
  const took = (performance.now() - began) / MS_PER_MINUTE
  print(
    `${total.worlds} worlds × ${from.days} days, seeds ${from.seed} to ${from.seed + total.worlds - 1}: ${total.failed} failed`,
  )
  print(
    `${total.runs} runs, ${total.killed} killed, ${total.posts} posts stored; ${Math.round(total.days / took)} days a minute`,
  )
  for (const kind of FAULT_KINDS) print(`  ${kind.padEnd(16)} in ${worlds.get(kind) ?? 0} worlds`)
  return total.failed === 0
}

/** Every mutant, one after another; true when each was caught. */
export async function catchMutants(
  from: SimulationOptions,
  mutants: readonly Mutant[],
  print: Print,
): Promise<boolean> {
  let areCaught = true
  print(`${'mutant'.padEnd(30)} caught after days  by`)
  for (const mutant of mutants) {
    const caught = await catchMutant(from, await loadSimulation(mutant))
    areCaught &&= caught !== undefined
    const days = caught ? String(caught.days) : 'NOT'
    print(`${mutant.name.padEnd(30)} ${days.padStart(17)}  ${caught?.how ?? ''}`)
  }
  return areCaught
}

/** How many days it lived, and what gave it away; `undefined` when it got through. */
export async function catchMutant(
  from: SimulationOptions,
  simulate: Simulate,
): Promise<{ readonly days: number; readonly how: string } | undefined> {
  for (let lived = 0; lived < MUTANT_DAYS; lived += from.days) {
    const options = { ...from, seed: from.seed + lived / from.days }
    const { failures } = await simulate(options)
    const [first] = failures
    if (!first) continue
    const how = `${first.day} ${first.member}: ${first.what} (${commandOf(options)})`
    return { days: lived + options.days, how }
  }
  return undefined
}

/** `pnpm simulate`: one world, a soak of fresh ones, a smaller one that fails, or mutants. README.md tells how. */
import { runCommand } from '../command-line.ts'
import type { Mutant } from './mutants/mutant.ts'
import { MUTANTS } from './mutants/mutants.ts'
import { type Asked, HELP, readArguments } from './run/asked.ts'
import { type Crew, gatherCrew } from './run/crew.ts'
import { bundleWorker } from './run/load.ts'
import { describeFailure, describeWorld } from './run/report.ts'
import { shrink } from './run/shrink.ts'
import { catchMutants, crashed, soak } from './run/soak.ts'

runCommand(main, HELP)

async function main(): Promise<boolean> {
  const asked = readArguments(process.argv.slice(2))
  switch (asked.kind) {
    case 'help':
      console.log(HELP)
      return true
    case 'list of mutants':
      for (const { name, what } of MUTANTS) console.log(`${name.padEnd(28)} ${what}`)
      return true
    case 'mutants': {
      const { options, mutants, workers } = asked
      return catchMutants(options, mutants, (mutant) => crewOf(1, mutant), workers, console.log)
    }
    case 'soak':
      return withCrew(asked.workers, asked.mutant, (crew) => {
        const { minutes, seeds } = asked
        const untilAskedToEnd = new Promise<void>((end) => process.on('SIGINT', () => end()))
        const limits = { minutes, seeds, untilAskedToEnd }
        return soak(asked.options, limits, crew, console.log, console.error)
      })
    case 'one world':
      return withCrew(1, asked.mutant, (crew) => oneWorld(asked, crew))
  }
}

async function oneWorld(
  { options, mutant, trail, shrink: isToShrink }: Asked & { readonly kind: 'one world' },
  { simulate }: Crew,
): Promise<boolean> {
  const done = await simulate(options).catch((error: unknown) => {
    for (const line of crashed(options, error)) console.log(line)
  })
  if (!done) return false
  for (const line of describeWorld(options, done)) console.log(line)
  for (const line of describeFailure(options, done)) console.log(line)
  if (trail) for (const line of done.trail.lines) console.log(line)
  if (!isToShrink || done.failures.length === 0) return done.failures.length === 0
  if (!mutant) await shrink(options, simulate, undefined, console.log)
  else {
    await withCrew(1, undefined, (unbroken) =>
      shrink(options, simulate, unbroken.simulate, console.log),
    )
  }
  return false
}

async function withCrew<Result>(
  size: number,
  mutant: Mutant | undefined,
  work: (crew: Crew) => Promise<Result>,
): Promise<Result> {
  const crew = await crewOf(size, mutant)
  try {
    return await work(crew)
  } finally {
    await crew.dismiss()
  }
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

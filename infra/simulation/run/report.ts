/** What a simulated world tells people: what it was, what went wrong in it, and the trail that led there. */
import { FAULT_KINDS } from '../faults/faults.ts'
import type { Simulated, SimulationOptions } from '../simulation.ts'

const FAILURES_SHOWN = 5
const TRAIL_SHOWN = 40
/** An answer of the service is one line; `--trail` has it whole. */
const LINE_SHOWN = 300
/** What somebody did, and what ended a run: shown of other days too. */
const ACTS =
  / (registers|sells|removes|renames|rotates|corrects|leaves|comes back|is somebody else|run\d+ killed) /

/** The command that lives through the same world again. */
export function commandOf(options: SimulationOptions): string {
  const { seed, days, people, locations, without, store, broken } = options
  const spared = without.size > 0 ? ` --without ${[...without].join(',')}` : ''
  const forced = store ? ` --store ${store}` : ''
  const broke = broken ? ` --break ${broken}` : ''
  return `pnpm simulate --seed ${seed} --days ${days} --people ${people} --locations ${locations}${spared}${forced}${broke}`
}

export function describeWorld(options: SimulationOptions, done: Simulated): string[] {
  const { runs, killed, posts } = done.counts
  const faults = FAULT_KINDS.filter((kind) => done.faults[kind] > 0)
  return [
    `seed ${options.seed}: ${options.days} days from ${done.firstDay}, ${runs} runs (${killed} killed), ${posts} posts stored, trail ${done.trail.digest()}`,
    `store: ${done.store}; faults: ${faults.join(', ') || 'none'}`,
    ...(done.failures.length === 0 ? ['right: every amount is as it must be, and explained'] : []),
  ]
}

/** Nothing when nothing failed. */
export function describeFailure(
  options: SimulationOptions,
  { failures, trail }: Simulated,
): string[] {
  const [first] = failures
  if (!first) return []
  const lines = failures
    .slice(0, FAILURES_SHOWN)
    .map(({ day, member, what }) => `FAILED ${day} ${member}: ${what}`)
  const number = /^member(\d+)$/.exec(first.member)?.[1]
  const names = [first.member, ...(number ? [`m${number}@`, `M.${number}+desk@`] : [])]
  const isAbout = (line: string) => names.some((name) => hasName(line, name))
  const told = trail.lines.filter((line) =>
    ACTS.test(line)
      ? isAbout(line) || (first.day !== '' && line.includes(first.day))
      : isAbout(line) && line.includes(first.day),
  )
  const more = failures.length - lines.length
  const shown = told.length > TRAIL_SHOWN ? `, the last ${TRAIL_SHOWN}` : ''
  return [
    ...lines,
    ...(more > 0 ? [`and ${more} more`] : []),
    `the trail of the first one (${told.length} lines${shown}; --trail tells all):`,
    ...told.slice(-TRAIL_SHOWN).map((line) => `  ${shortened(line)}`),
    `again: ${commandOf(options)}`,
  ]
}

function shortened(line: string): string {
  return line.length > LINE_SHOWN ? `${line.slice(0, LINE_SHOWN)} …` : line
}

/** `run1` is not in `run12`. */
function hasName(line: string, name: string): boolean {
  const isPart = /\w$/.test(name) ? /^\w/ : /(?!)/
  return line.split(name).some((after, place) => place > 0 && !isPart.test(after))
}

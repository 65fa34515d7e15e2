/** A smaller world that still fails: fewer kinds of fault, fewer days, people and rooms. */

import { FAULT_KINDS } from '../faults/faults.ts'
import type { Failure } from '../runtime/failure.ts'
import { LEAST_DAYS, type Simulated, type SimulationOptions } from '../simulation.ts'
import { commandOf, describeFailure } from './report.ts'

type Simulate = (options: SimulationOptions) => Promise<Simulated>

/**
 * Tries one smaller world after another, and keeps each that fails in the same way; of a mutant only those in which
 * the programs as they are (`unbroken`) don't fail.
 */
export async function shrink(
  failing: SimulationOptions,
  simulate: Simulate,
  unbroken: Simulate | undefined,
  print: (line: string) => void,
): Promise<SimulationOptions> {
  let smallest = failing
  let last = await simulate(failing)
  const way = wayOf(last.failures[0])
  let hasShrunk = true
  while (hasShrunk) {
    hasShrunk = false
    for (const smaller of smallerThan(smallest, last)) {
      // One that throws is not what is looked for.
      const done = await simulate(smaller).catch(() => undefined)
      if (!done?.failures.some((each) => wayOf(each) === way)) continue
      if (unbroken && (await unbroken(smaller)).failures.length > 0) continue
      smallest = smaller
      last = done
      print(`still fails: ${commandOf(smaller)}`)
      hasShrunk = true
      break
    }
  }
  const left = FAULT_KINDS.filter((kind) => last.faults[kind] > 0)
  print(`faults left: ${left.join(', ') || 'none'}; shrunk to:`)
  const alike = last.failures.filter((each) => wayOf(each) === way)
  for (const line of describeFailure(smallest, { ...last, failures: alike })) print(line)
  return smallest
}

/** A failure without its numbers, days and names. */
function wayOf(failure: Failure | undefined): string | undefined {
  return failure?.what.replaceAll(/\S*[\d@:]\S*/g, '…')
}

function* smallerThan(now: SimulationOptions, { faults }: Simulated): Generator<SimulationOptions> {
  const left = FAULT_KINDS.filter((kind) => faults[kind] > 0)
  if (left.length > 3) {
    yield { ...now, without: new Set([...now.without, ...left.slice(0, left.length / 2)]) }
    yield { ...now, without: new Set([...now.without, ...left.slice(left.length / 2)]) }
  }
  for (const kind of left) yield { ...now, without: new Set([...now.without, kind]) }
  for (const days of [Math.floor(now.days / 2), now.days - 5, now.days - 1]) {
    if (days >= LEAST_DAYS && days < now.days) yield { ...now, days }
  }
  for (const people of [Math.floor(now.people / 2), now.people - 1]) {
    if (people >= 1 && people < now.people) yield { ...now, people }
  }
  if (now.locations > 1) yield { ...now, locations: now.locations - 1 }
}

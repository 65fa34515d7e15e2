/** The fixed set that is lived through at each change: worlds that must be right, and broken programs that must show. */
import { describe, expect, test } from 'vitest'
import { loadSimulation } from './load.ts'
import { MUTANTS } from './mutants.ts'
import { describeFailure } from './report.ts'
import type { SimulationOptions } from './simulation.ts'
import { catchMutant } from './soak.ts'

const world = (seed: number, days: number): SimulationOptions => ({
  seed,
  days,
  people: 6,
  locations: 2,
  without: new Set(),
})

/** Those that show within days; `pnpm simulate --break all` has them all. */
const IN_CI = [
  'posts-over-corrections',
  'counts-utc-hours',
  'plain-plus',
  'drops-zeros',
  'one-room',
]

const simulate = await loadSimulation()

describe('a simulated space', { timeout: 120_000 }, () => {
  test.each([1, 2, 3])('is charged right: seed %i', async (seed) => {
    const options = world(seed, 20)
    expect(describeFailure(options, await simulate(options))).toEqual([])
  })

  test('leaves the same trail for the same seed, to the byte', async () => {
    const again = await loadSimulation()
    const first = await simulate(world(7, 12))
    expect((await again(world(7, 12))).trail.lines).toEqual(first.trail.lines)
    expect((await simulate(world(8, 12))).trail.digest()).not.toBe(first.trail.digest())
  })

  test.each(IN_CI)('shows that %s is broken', async (name) => {
    const mutant = MUTANTS.find((each) => each.name === name)
    expect(await catchMutant(world(1, 20), await loadSimulation(mutant))).toBeDefined()
  })
})

/** The fixed set that is lived through at each change: worlds that must be right, and broken programs that must show. */
import { describe, expect, test } from 'vitest'
import { MUTANTS } from './mutants/mutants.ts'
import { loadSimulation } from './run/load.ts'
import { describeFailure } from './run/report.ts'
import { catchMutant } from './run/soak.ts'
import type { SimulationOptions } from './simulation.ts'

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

describe('a simulated space', () => {
  test.each([1, 2, 3])('is charged right: seed %i', async (seed) => {
    const options = world(seed, 20)
    expect(describeFailure(options, await simulate(options))).toEqual([])
  })

  test('is charged right through the real S3 adapter', async () => {
    const options = { ...world(11, 12), store: 's3' as const }
    const done = await simulate(options)
    expect(describeFailure(options, done)).toEqual([])
    const ways = new Set(done.trail.lines.filter((line) => / PUT /.test(line)).map(lastWord))
    // It was tried: writes went well, and wrong in many ways.
    expect(ways).toContain('fine')
    expect(ways.size).toBeGreaterThan(5)
  })

  test.each([
    ['port', 14],
    ['s3', 10],
  ] as const)('leaves the same trail for the same seed, to the byte: %s', async (store, days) => {
    const again = await loadSimulation()
    // A world whose first night is on its first day: most of the others have faults.
    const options = { ...world(11, days), store }
    const first = await simulate(options)
    expect((await again(options)).trail.lines).toEqual(first.trail.lines)
  })

  test('leaves another trail for another seed', async () => {
    const [one, other] = [await simulate(world(8, 8)), await simulate(world(9, 8))]
    expect(one.trail.digest()).not.toBe(other.trail.digest())
  })

  test.each(IN_CI)('shows that %s is broken', async (name) => {
    const mutant = MUTANTS.find((each) => each.name === name)
    const broken = await loadSimulation(mutant)
    expect(await catchMutant(world(1, 20), broken, simulate)).toBeDefined()
  })
})

function lastWord(line: string): string {
  return line.split(' ').at(-1) as string
}

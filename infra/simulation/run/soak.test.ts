import { expect, test } from 'vitest'
import { randomOf } from '../../random.ts'
import { drawFaults } from '../faults/faults.ts'
import type { Simulated, SimulationOptions } from '../simulation.ts'
import { catchMutant, type SoakLimits, soak } from './soak.ts'

const FROM: SimulationOptions = { seed: 100, days: 60, people: 8, locations: 2, without: new Set() }
const NEVER = new Promise<void>(() => {})

/** A world in which a seed that ends in 7 is charged wrongly. */
async function live({ seed }: SimulationOptions): Promise<Simulated> {
  const failures =
    seed % 10 === 7 ? [{ day: '2026-11-22', member: 'member1', what: `wrong in ${seed}` }] : []
  return {
    failures,
    trail: { note: () => {}, lines: [], digest: () => '' },
    faults: drawFaults(randomOf(seed), { seed, without: new Set() }),
    firstDay: '2026-11-01',
    store: 'port',
    counts: { runs: 61, killed: 1, posts: 100 },
  }
}

async function soaked(limits: Partial<SoakLimits>, simulate = live) {
  const lines: string[] = []
  const isRight = await soak(
    FROM,
    { minutes: 60, seeds: Number.POSITIVE_INFINITY, untilAskedToEnd: NEVER, ...limits },
    { size: 3, simulate },
    (line) => lines.push(line),
    () => {},
  )
  return { isRight, lines }
}

test('lives through exactly so many seeds, each once', async () => {
  const seeds: number[] = []
  const { isRight, lines } = await soaked({ seeds: 7 }, (options) => {
    seeds.push(options.seed)
    return live({ ...options, seed: 0 })
  })
  expect(seeds).toEqual([100, 101, 102, 103, 104, 105, 106])
  expect(isRight).toBe(true)
  expect(lines[0]).toBe('7 worlds × 60 days, from seed 100 on: 0 failed')
  expect(lines[1]).toMatch(
    /^427 runs, 7 killed, 700 posts stored; \d+ days a minute, 3 worlds at once$/,
  )
})

test('tells the first failing worlds in full, and the command of each', async () => {
  const { isRight, lines } = await soaked({ seeds: 70 })
  expect(isRight).toBe(false)
  expect(lines).toContain('70 worlds × 60 days, from seed 100 on: 7 failed')
  for (const seed of [107, 117, 127, 137, 147, 157, 167]) {
    expect(lines).toContain(
      `again: pnpm simulate --seed ${seed} --days 60 --people 8 --locations 2`,
    )
  }
  expect(lines.filter((line) => line.startsWith('FAILED 2026-11-22 member1: wrong'))).toHaveLength(
    5,
  )
})

test('a world that is not lived to its end has failed', async () => {
  const { isRight, lines } = await soaked({ seeds: 3 }, async (options) => {
    if (options.seed === 101) throw new Error('its thread ended with 1')
    return live(options)
  })
  expect(isRight).toBe(false)
  expect(lines.slice(0, 3)).toEqual([
    'FAILED seed 101, not lived to its end: its thread ended with 1',
    'again: pnpm simulate --seed 101 --days 60 --people 8 --locations 2',
    '3 worlds × 60 days, from seed 100 on: 1 failed',
  ])
})

test('ends with the table when somebody asks it to end, without the worlds under way', async () => {
  let underWay = 0
  let askToEnd = () => {}
  const untilAskedToEnd = new Promise<void>((resolve) => {
    askToEnd = resolve
  })
  const { isRight, lines } = await soaked({ untilAskedToEnd }, async (options) => {
    if (options.seed < 105) return live(options)
    underWay += 1
    if (underWay === 3) askToEnd()
    return new Promise<never>(() => {})
  })
  expect(isRight).toBe(true)
  expect(lines[0]).toBe('5 worlds × 60 days, from seed 100 on: 0 failed, 3 left unfinished')
})

test('no world at all proves nothing', async () => {
  expect(await soaked({ minutes: 0 })).toMatchObject({ isRight: false })
})

test('a mutant is caught only where the programs as they are do not fail', async () => {
  const from = { ...FROM, seed: 106, days: 50 }
  const sound = async (options: SimulationOptions) => live({ ...options, seed: 0 })
  expect(await catchMutant(from, live, sound)).toMatchObject({ days: 100 })
  expect(await catchMutant(from, live, live)).toBeUndefined()
  expect(await catchMutant(from, sound, sound)).toBeUndefined()
})

test('a mutant that ends its world before its end is caught there', async () => {
  const from = { ...FROM, seed: 100, days: 50 }
  const dying = async () => Promise.reject(new Error('Invalid time value\n at somewhere'))
  expect(await catchMutant(from, dying, async (options) => live({ ...options, seed: 0 }))).toEqual({
    days: 50,
    how: expect.stringMatching(/^not lived to its end: Invalid time value \(pnpm simulate /),
  })
  expect(await catchMutant(from, dying, dying)).toBeUndefined()
})

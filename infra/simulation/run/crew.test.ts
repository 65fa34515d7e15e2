import { expect, test } from 'vitest'
import type { SimulationOptions } from '../simulation.ts'
import { gatherCrew } from './crew.ts'
import { bundleWorker, loadSimulation } from './load.ts'

const world = (seed: number): SimulationOptions => ({
  seed,
  days: 8,
  people: 3,
  locations: 1,
  without: new Set(),
})

/** A thread that does with each seed what `body` says. */
const scriptOf = (body: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(
      `import { parentPort } from 'node:worker_threads'; parentPort.on('message', ({ seed }) => { ${body} })`,
    )}`,
  )

test('a world is the same in a thread, in this one, and after another world', async () => {
  const { script, remove } = await bundleWorker()
  const crew = gatherCrew(script, 2)
  try {
    const simulate = await loadSimulation()
    const here = await Promise.all([3, 6, 5].map((seed) => simulate(world(seed))))
    const there = await Promise.all([5, 6, 3, 5].map((seed) => crew.simulate(world(seed))))
    const [third, sixth, fifth] = here
    expect(there.map(({ trail }) => trail.digest())).toEqual(
      [fifth, sixth, third, fifth].map((each) => each?.trail.digest()),
    )
    expect(there[2]).toMatchObject({ ...third, trail: { lines: third?.trail.lines } })
  } finally {
    await crew.dismiss()
    await remove()
  }
})

test.each([
  ['ends', 'if (seed === 1) process.exit(7)', 'its thread ended with 7'],
  ['throws', "if (seed === 1) throw new Error('out of order')", 'out of order'],
  ['says so', "if (seed === 1) parentPort.postMessage({ error: 'stuck' })", 'stuck'],
])(
  'a thread that %s fails its world, and the next world is lived through',
  async (_, body, why) => {
    const crew = gatherCrew(
      scriptOf(`${body}; else parentPort.postMessage({ lines: [String(seed)], digest: '' })`),
      1,
    )
    try {
      const [first, second] = await Promise.allSettled(
        [1, 2].map((seed) => crew.simulate(world(seed))),
      )
      expect(first).toMatchObject({ status: 'rejected', reason: { message: why } })
      expect(second).toMatchObject({ value: { trail: { lines: ['2'] } } })
    } finally {
      await crew.dismiss()
    }
  },
)

test('a crew that is dismissed leaves nobody waiting for a world', async () => {
  const crew = gatherCrew(scriptOf(''), 1)
  const world1 = crew.simulate(world(1))
  const refused = expect(world1).rejects.toThrow('its thread ended')
  await crew.dismiss()
  await refused
})

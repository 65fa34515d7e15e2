/** Which boxes a world's rooms have: one or two each, and in some a box of before until it is replaced. */
import { calmed } from '../faults/faults.ts'
import { dayAfter, instantAt } from '../runtime/civil-time.ts'
import { type Box, type BoxDeps, createBox } from './box.ts'
import { createOldBox } from './old-box.ts'

/** All boxes of a world, on whose first day nothing fails yet; by the middle of it the first room has a new one. */
export function boxesOf(
  { firstDay, days }: { readonly firstDay: string; readonly days: number },
  { faults, random, ...shared }: Omit<BoxDeps, 'location' | 'probe' | 'from'>,
): Box[] {
  const begins = instantAt(firstDay, 0)
  const deps = { ...shared, faults: calmed(faults) }
  return shared.world.locations.flatMap((location, number) => {
    const boxes: Box[] = []
    let from = begins
    const before = random.fork(`box before ${location}`)
    if (faults['old-files'] > 0 && before.chance(0.6)) {
      // On some day, at some hour: that day has both kinds of files. Or never.
      const isForGood = before.chance(0.2) && number > 0
      const replacedOn = isForGood ? days : before.between(0, Math.floor(days / 2))
      from = instantAt(dayAfter(firstDay, replacedOn), 10 * before.between(0, 143))
      boxes.push(createOldBox({ ...deps, location, from: begins, to: from, random: before }))
    }
    const probes = random.fork(`probes ${location}`).chance(0.2) ? ['box', 'spare'] : ['box']
    for (const probe of probes) {
      const own = random.fork(`box ${location} ${probe}`)
      boxes.push(createBox({ ...deps, location, probe, from, random: own }))
    }
    return boxes
  })
}

/** Shares inputs out among the targets, in pieces that keep several workers busy to the end. */
import type { Task } from '../engine/fuzz-target.ts'

const LARGEST_TASK = 20_000

/** Tasks whose inputs are `inputs` in all, each target's by its share; the longest targets first. */
export function planTasks(
  targets: readonly { readonly name: string; readonly share: number }[],
  inputs: number,
  seed: number,
): Task[] {
  const shares = targets.reduce((sum, { share }) => sum + share, 0)
  let before = 0
  return targets.flatMap(({ name, share }) => {
    // Rounded on the running sum, so that what is cut off here is given there.
    const first = Math.round((inputs * before) / shares)
    before += share
    const count = Math.round((inputs * before) / shares) - first
    const tasks: Task[] = []
    for (let from = 0; from < Math.max(count, 1); from += LARGEST_TASK) {
      tasks.push({ target: name, seed, from, to: Math.min(from + LARGEST_TASK, count) })
    }
    return tasks
  })
}

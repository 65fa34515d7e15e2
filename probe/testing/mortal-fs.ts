/**
 * A process that dies in the middle of its work on files: the real calls so many times, then none any more. What it
 * leaves is what a kill, or a power cut that keeps what was synced, leaves.
 */
import * as nodeFs from 'node:fs/promises'

/** What moves a process's work forward: each call is a step. */
const CALLS = [
  'chown',
  'link',
  'mkdir',
  'readdir',
  'readFile',
  'rmdir',
  'stat',
  'unlink',
  'utimes',
  'writeFile',
] as const
const FILE_CALLS = ['appendFile', 'chown', 'datasync', 'read', 'stat', 'sync', 'writeFile'] as const

/**
 * Does `work` once for each of its steps, killed after it, then once to its end: each time in what `prepare` makes, and
 * `check` judges what is left. Gives the number of steps. Throws what `check` throws, and `work` itself.
 */
export async function killedAtEveryStep(
  prepare: () => Promise<void> | void,
  work: (fs: typeof nodeFs) => Promise<unknown>,
  check: (step: number) => Promise<void>,
): Promise<number> {
  for (let step = 0; ; step += 1) {
    await prepare()
    const isDone = await killedAfter(step, work)
    await check(step)
    if (isDone) return step
  }
}

/** Does `work` for so many steps at most; true when it came to its end. */
export async function killedAfter(
  steps: number,
  work: (fs: typeof nodeFs) => Promise<unknown>,
): Promise<boolean> {
  const { fs, death, bury } = mortalFs(steps)
  try {
    return await Promise.race([work(fs).then(() => true), death])
  } finally {
    await bury()
  }
}

function mortalFs(steps: number) {
  const opened: nodeFs.FileHandle[] = []
  let left = steps
  let die: (isDone: false) => void
  const death = new Promise<false>((resolve) => {
    die = resolve
  })
  const mortal =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      left -= 1
      if (left >= 0) return call(...args)
      die(false)
      return new Promise<never>(() => undefined)
    }
  const open: typeof nodeFs.open = async (...args) => {
    const file = await mortal(nodeFs.open)(...args)
    opened.push(file)
    return Object.assign(file, mortals(file, FILE_CALLS, mortal))
  }
  const fs = { ...nodeFs, ...mortals(nodeFs, CALLS, mortal), open }
  // The system closes what a dead process had open.
  const bury = () => Promise.all(opened.map((file) => file.close()))
  return { fs, death, bury }
}

type AnyCall = (...args: unknown[]) => Promise<unknown>

function mortals(object: object, names: readonly string[], mortal: (call: AnyCall) => AnyCall) {
  return Object.fromEntries(
    names.map((name) => [name, mortal((Reflect.get(object, name) as AnyCall).bind(object))]),
  )
}

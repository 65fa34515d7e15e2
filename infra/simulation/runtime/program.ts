/**
 * One run of a program: every effect goes through `perform`, where the run can be killed. A killed run is
 * left alone: the effect it waits for never comes, so that nothing of it, no `finally` either, goes on.
 */
import type { Random } from '../../random.ts'

export interface Program {
  /** Unique among all runs. */
  readonly name: string
  /** Does one effect, or dies at it. */
  perform<Result>(effect: Effect<Result>): Promise<Result>
  /** Wraps what is done every so often: a killed run does nothing more. */
  whileAlive(action: () => void): () => void
  /** Settles when the run is killed. */
  readonly killed: Promise<'killed'>
}

export interface Effect<Result> {
  /** For the trail, of an effect that others can see; reads go without. */
  readonly note?: string
  readonly work: () => Result | Promise<Result>
}

export interface ProgramOptions {
  readonly name: string
  readonly random: Random
  /** Dies at the effect of this number, counted from 1; those with a note, or all. */
  readonly killAt: { readonly number: number; readonly of: 'noted' | 'all' } | undefined
  /** True while other programs run: then others get a turn before each effect. */
  readonly hasCompany: boolean
  readonly note: (line: string) => void
}

export function startProgram(options: ProgramOptions): Program {
  const { name, random, killAt, hasCompany, note } = options
  let done = 0
  let isDead = false
  let die: (how: 'killed') => void = () => {}
  const killed = new Promise<'killed'>((resolve) => {
    die = resolve
  })
  return { name, perform, whileAlive, killed }

  function whileAlive(action: () => void): () => void {
    return () => {
      if (!isDead) action()
    }
  }

  async function perform<Result>(effect: Effect<Result>): Promise<Result> {
    if (hasCompany)
      for (let turns = random.between(0, 6); turns > 0; turns -= 1) await Promise.resolve()
    if (isDead) return never()
    if (effect.note !== undefined || killAt?.of === 'all') done += 1
    if (killAt && done === killAt.number) {
      isDead = true
      const isDone = random.chance(0.5)
      note(`${name} killed ${isDone ? 'after' : 'before'} ${effect.note ?? 'a read'}`)
      // What comes of it, nobody lives to know.
      if (isDone)
        await Promise.resolve()
          .then(effect.work)
          .catch(() => undefined)
      die('killed')
      return never()
    }
    if (effect.note !== undefined) note(`${name} ${effect.note}`)
    try {
      const result = await effect.work()
      return isDead ? never() : result
    } catch (error) {
      return isDead ? never() : Promise.reject(error)
    }
  }
}

/** One of its own each time: what waits for it goes with it, and a killed run keeps no world in memory. */
export function never(): Promise<never> {
  return new Promise(() => {})
}

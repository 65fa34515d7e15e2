/**
 * At most `width` works under way at once, the others in turn. The bound is here and not in the
 * socket pool: the SDK counts the wait for a free socket as time to connect, and gives up.
 */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>

/** A gate of its own: each store has one. */
export function gateOf(width: number): Gate {
  const waiting: (() => void)[] = []
  let free = width
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
}

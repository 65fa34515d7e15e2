/**
 * Answers that are asked for again and again, kept: for pure functions whose answer costs more than a look-up.
 * Bounded, since a service runs for months.
 */

export type Remembered<Key, Value> = (key: Key, compute: (key: Key) => Value) => Value

/** Gives what `compute` gives for a key, or gave before: the last `limit` keys are kept, the oldest goes first. */
export function remember<Key, Value>(limit: number): Remembered<Key, Value> {
  const known = new Map<Key, Value>()
  return (key, compute) => {
    const value = known.get(key)
    // `undefined` is an answer too: asked for again, it would push out another key each time.
    if (value !== undefined || known.has(key)) return value as Value
    const computed = compute(key)
    if (known.size >= limit) known.delete(known.keys().next().value as Key)
    known.set(key, computed)
    return computed
  }
}

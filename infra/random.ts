/**
 * The one source of chance: sfc32 (Chris Doty-Humphrey's "small fast counting" generator, 128 bits of
 * state). Each concern draws from a stream of its own, named by `fork`: so a fault that is switched off
 * does not change what people do.
 */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** True with the probability `share`. */
  chance(share: number): boolean
  pick<Item>(items: readonly Item[]): Item
  shuffle<Item>(items: readonly Item[]): Item[]
  /** Another stream, the same for the same name. */
  fork(name: string): Random
}

/** The stream of a seed, or of a text. */
export function randomOf(seed: number | string): Random {
  const next = sfc32(String(seed))
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    between,
    chance: (share) => next() < share,
    pick: (items) => items[between(0, items.length - 1)] as (typeof items)[number],
    shuffle(items) {
      const order = [...items]
      for (let last = order.length - 1; last > 0; last -= 1) {
        const chosen = between(0, last)
        const item = order[chosen] as (typeof order)[number]
        order[chosen] = order[last] as (typeof order)[number]
        order[last] = item
      }
      return order
    },
    fork: (name) => randomOf(`${seed}/${name}`),
  }
}

function sfc32(seed: string): () => number {
  let [a, b, c, counter] = [fnv1a(seed, 1), fnv1a(seed, 2), fnv1a(seed, 3), 1]
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
  // Its author's advice: the first ones still look like the seed.
  for (let round = 0; round < 15; round += 1) next()
  return next
}

function fnv1a(text: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return hash | 0
}
